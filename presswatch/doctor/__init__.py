"""What `presswatch doctor` looks at, read only and within a time.

Each look is a function that returns findings: `here` has those that need this machine alone, `outside` those
that ask others. `looks` puts them in order, `within` gives each its time.
"""

from presswatch.doctor.finding import Finding
from presswatch.doctor.looks import look

__all__ = ["Finding", "look"]
