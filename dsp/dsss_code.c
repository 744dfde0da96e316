/* SPDX-License-Identifier: Apache-2.0 */
#include "dsss_code.h"

enum { REGISTERS = 23, TAP = 18 };

/* Table 2.2, register 22 in the highest place. */
static const uint32_t initial[DSSS_SEQUENCES][2] = {
    [DSSS_NORMAL] = {0x000001, 0x1AC1FC},
    [DSSS_SELF_TEST] = {0x52C9F0, 0x3CE928},
};

/* x^23 + x^18 + 1, figure 2-2: the chip is register 0, which goes back into 22 with 18 added. */
static void fill(int8_t *chips, uint32_t registers)
{
    for (unsigned n = 0; n < DSSS_CHIPS; n++) {
        uint32_t fed = (registers ^ registers >> TAP) & 1;
        chips[n] = registers & 1 ? -1 : 1;
        registers = registers >> 1 | fed << (REGISTERS - 1);
    }
}

void dsss_code_init(struct dsss_code *code, enum dsss_sequence sequence)
{
    fill(code->i, initial[sequence][0]);
    fill(code->q, initial[sequence][1]);
}
