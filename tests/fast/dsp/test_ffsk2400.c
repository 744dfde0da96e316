/* SPDX-License-Identifier: Apache-2.0 */
#include "two_tone_suite.h"

int main(void)
{
    static const struct two_tone_suite suite = {.id = "ffsk2400",
                                                .bit_rate = 2400.0,
                                                .mark_hz = 1200.0,
                                                .space_hz = 2400.0,
                                                .time_bits = 0.12,
                                                .offset_hz = 60,
                                                .snr_from_db = 3};
    return two_tone_suite_run(&suite);
}
