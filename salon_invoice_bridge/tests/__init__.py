from . import test_content_services
from . import test_lane
from . import test_connect
from . import test_policy
from . import test_refund
from . import test_sale
from . import test_human
