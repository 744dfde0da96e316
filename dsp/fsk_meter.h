/* SPDX-License-Identifier: Apache-2.0 */
/* Measures a burst on a carrier from what its bits showed of the carrier. */
#ifndef ATALAYA_DSP_FSK_METER_H
#define ATALAYA_DSP_FSK_METER_H

#include "fsk_bank.h"

/* Fills level, snr and offset for bits that the lane's train holds. */
void fsk_meter_measure(const struct fsk_bank *bank, unsigned lane, uint64_t first_bit, uint64_t end_bit,
                       struct burst_figures *figures);

#endif
