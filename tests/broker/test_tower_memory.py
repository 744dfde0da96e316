# SPDX-License-Identifier: Apache-2.0
"""An hour's traffic (50 bursts a minute) as fast as it goes. In real time it is tests/soak/test_hour.py."""
from memory import prove_no_growth

prove_no_growth(bursts=3000, gap_s=0.02, pace=False, patience_s=90)
