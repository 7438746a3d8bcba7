"""Counter-based randomness: a draw depends on seed, stream, subject and time alone, so on no thread, chunk or order."""

from .counter import GOLDEN as GOLDEN
from .counter import HALF_UNIT as HALF_UNIT
from .counter import ONE as ONE
from .counter import STEP_STRIDE as STEP_STRIDE
from .counter import TRIAL_STRIDE as TRIAL_STRIDE
from .counter import UNIT as UNIT
from .counter import U as U
from .counter import checked_seed as checked_seed
from .counter import checked_subject as checked_subject
from .counter import draw as draw
from .counter import mix as mix
from .counter import stream_key as stream_key
from .draws import normal as normal
from .draws import normal_quantile as normal_quantile
from .draws import pile_drawn as pile_drawn
from .draws import uniform as uniform
