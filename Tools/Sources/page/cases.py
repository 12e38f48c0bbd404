"""All cases of the suite, in the order in which they run."""

import cases_texts  # noqa: F401  isort: skip
import cases_start  # noqa: F401  isort: skip
import cases_talk  # noqa: F401  isort: skip
import cases_named  # noqa: F401  isort: skip
import cases_races  # noqa: F401  isort: skip
import cases_kept  # noqa: F401  isort: skip
import cases_past  # noqa: F401  isort: skip
import cases_burst  # noqa: F401  isort: skip
import cases_press  # noqa: F401  isort: skip
import cases_tabs  # noqa: F401  isort: skip
import cases_stream  # noqa: F401  isort: skip
import cases_hostile  # noqa: F401  isort: skip
import cases_long  # noqa: F401  isort: skip
import cases_door  # noqa: F401  isort: skip
import cases_office  # noqa: F401  isort: skip
import cases_looks  # noqa: F401  isort: skip
import cases_keys  # noqa: F401  isort: skip
import cases_access  # noqa: F401  isort: skip
import screens_more  # noqa: F401  isort: skip
