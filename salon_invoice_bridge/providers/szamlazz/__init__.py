from .strategy import Szamlazz
