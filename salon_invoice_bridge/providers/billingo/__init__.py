from .strategy import Billingo
