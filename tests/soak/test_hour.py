# SPDX-License-Identifier: Apache-2.0
"""An hour of traffic at 50 bursts a minute in real time: memory. ATALAYA_SOAK_MINUTES: how long (60)."""
import os

from memory import prove_no_growth

minutes = int(os.environ.get("ATALAYA_SOAK_MINUTES", "60"))
prove_no_growth(bursts=50 * minutes, gap_s=0.75, pace=True, patience_s=60 * minutes)
