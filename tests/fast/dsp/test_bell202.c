/* SPDX-License-Identifier: Apache-2.0 */
#include "two_tone_suite.h"

int main(void)
{
    static const struct two_tone_suite suite = {.id = "bell202",
                                                .bit_rate = 1200.0,
                                                .mark_hz = 1200.0,
                                                .space_hz = 2200.0,
                                                .time_bits = 0.08,
                                                .offset_hz = 50};
    return two_tone_suite_run(&suite);
}
