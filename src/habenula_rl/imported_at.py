"""When this process imported the package: an edit of its files after that is in no result of this process."""

import time

IMPORTED_AT = time.time()
