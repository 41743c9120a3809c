from .strategy import BillingoV2
