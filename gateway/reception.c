/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/reception.h"

#include <math.h>

void reception_reset(struct reception *reception)
{
    reception->source[0] = reception->channel[0] = '\0';
    reception->frequency_hz = reception->time_s = reception->duration_s = (double)NAN;
    reception->mono_ns = reception->heard_mono_ns = 0;
    reception->rssi_dbfs = reception->snr_db = reception->offset_hz = NAN;
    reception->deviation_hz = reception->peak = NAN;
    reception->modem = NULL;
    reception->dedupe = 0;
    reception->copies = 1;
}
