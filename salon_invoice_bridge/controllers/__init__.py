from . import guest
from . import main
