"""What `presswatch doctor` looks at, read only and within a time: each look is a function that returns findings.

`look` puts them in order; `here` has those that need this machine alone, `outside` those that ask others, and
`within` gives each its time.
"""

from presswatch.doctor.finding import Finding
from presswatch.doctor.look import look

__all__ = ["Finding", "look"]
