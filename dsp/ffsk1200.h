/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DSP_FFSK1200_H
#define DSP_FFSK1200_H

#include "gate.h"

/* When the modem works; for tests of the gate too. */
extern const struct gate_settings ffsk1200_gate;

#endif
