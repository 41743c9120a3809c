from . import test_lane
from . import test_sale
