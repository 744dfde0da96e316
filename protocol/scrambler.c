/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/scrambler.h"

/* What the taps x^12 and x^17 add to the next bit. */
static bool feedback(const struct scrambler *scrambler)
{
    return ((scrambler->line >> 11 ^ scrambler->line >> 16) & 1) != 0;
}

bool scrambler_execute(struct scrambler *scrambler, bool bit)
{
    bool line = bit != feedback(scrambler);
    scrambler->line = scrambler->line << 1 | (line ? 1U : 0U);
    return line;
}

bool scrambler_undo(struct scrambler *scrambler, bool line)
{
    bool bit = line != feedback(scrambler);
    scrambler->line = scrambler->line << 1 | (line ? 1U : 0U);
    return bit;
}
