"""What an agent, a task and an intervention are: parameters, rules over records, and their checks on definition."""

from ..compiler.source import Rule as Rule
from ..errors import nearest as nearest
from .agent import Agent as Agent
from .agent import Treatment as Treatment
from .agent import fields_read_by as fields_read_by
from .agent import show_of as show_of
from .events import EVENT_FIELDS as EVENT_FIELDS
from .events import EVENT_LISTS as EVENT_LISTS
from .events import EVENT_MASKS as EVENT_MASKS
from .events import EVENT_RANKS as EVENT_RANKS
from .events import MOMENTS as MOMENTS
from .events import in_moment as in_moment
from .parameters import Parameters as Parameters
from .parameters import number_like as number_like
from .parameters import parameter as parameter
from .parameters import refuse_more as refuse_more
from .parameters import require as require
from .parameters import short_repr as short_repr
from .parameters import why_invalid as why_invalid
from .task import NO_PASSIVE as NO_PASSIVE
from .task import Place as Place
from .task import Task as Task
from .task import place_name as place_name
