"""Where work is computed: in threads of this process, in processes that may die, or on a Dask cluster.

One interface for all of them, for the units of a run, the studies of a check, the sets of a calibration, or fits:

    with place(workers=2, dask=None) as compute:
        for item, result in compute(work, items):
            ...

`work(item, say)` makes the result of one item; `items` are a sequence, and come back in the order in which they are
done, each with its result, or with `Lost`, a string that says why it has none: its process died `DEATHS` times, or it
took too long. What `work` raises is raised here. A result must depend on its item alone, on no process and no order.

For processes and Dask, `work` and the items are pickled: a function of a module, or an instance of a class of one. It
is sent and unpickled once for each process, so that what it makes once (a plan, a table that it reads) may be kept in
it; where it has a method `prepare()`, that is called there first, and its time counts towards no limit. A process that
has another version of this package or of what computes with it (`code`) is refused with a ValueError.

`in_order(compute, work, items)` is the list of all results in the items' order.

Three more arguments of `compute`, each of them optional:

    keep(item, result)   called here as soon as a result is there, from several threads. Interrupted, by Ctrl-C or
                         because nobody takes any more, what is under way is finished and kept. Without `keep` it ends.
    hear(item, *what)    called here, from several threads, with what the work said in `say(*what)`; what the last items
                         said may be lost on Dask
    stopping()           called when an interruption has begun to wait for what is under way

Begin reading with `places.py`.
"""

from .places import in_order as in_order
from .places import place as place
from .same_code import code as code
from .same_code import edited as edited
from .work import DEATHS as DEATHS
from .work import Compute as Compute
from .work import Lost as Lost
from .work import Say as Say
