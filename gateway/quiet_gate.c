/* SPDX-License-Identifier: Apache-2.0 */
#include "quiet_gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_RATIO  1.5F /* of the power over that of noise, which strays by 7 % from block to block */
#define LOOK_BACK_S 0.25 /* what it takes to notice a signal, and modems to settle */

enum atalaya_result quiet_gate_create(struct quiet_gate *gate, double rate_hz, double block_s, double hold_s,
                                      bool always)
{
    *gate = (struct quiet_gate){.always = always, .hold = (unsigned)ceil(hold_s / block_s)};
    gate->open = gate->hold;
    if (always)
        return ATALAYA_OK;
    gate->room = (size_t)(LOOK_BACK_S * rate_hz);
    gate->memory = malloc(gate->room * sizeof *gate->memory);
    return gate->memory ? ATALAYA_OK : ATALAYA_E_MEMORY;
}

void quiet_gate_destroy(struct quiet_gate *gate)
{
    free(gate->memory);
    gate->memory = NULL;
}

void quiet_gate_reset(struct quiet_gate *gate)
{
    gate->kept = gate->next = 0;
    gate->open = gate->hold;
    gate->seen = gate->begin = 0;
}

static void keep(struct quiet_gate *gate, const float complex *iq, size_t count)
{
    for (size_t some; count > 0; iq += some, count -= some) {
        some = gate->room - gate->next < count ? gate->room - gate->next : count;
        memcpy(gate->memory + gate->next, iq, some * sizeof *iq);
        gate->next = (gate->next + some) % gate->room;
        gate->kept = gate->kept + some < gate->room ? gate->kept + some : gate->room;
    }
}

/* What was kept becomes pieces. */
static unsigned reopen(struct quiet_gate *gate, struct quiet_piece pieces[QUIET_PIECES_MAX])
{
    size_t first = (gate->next + gate->room - gate->kept) % gate->room, left = gate->kept;
    unsigned made = 0;
    gate->begin = gate->seen - gate->kept;
    while (left > 0) {
        size_t some = gate->room - first < left ? gate->room - first : left;
        pieces[made++] = (struct quiet_piece){gate->memory + first, some};
        first = 0;
        left -= some;
    }
    gate->kept = gate->next = 0;
    return made;
}

unsigned quiet_gate_execute(struct quiet_gate *gate, float power, float floor, const float complex *iq,
                            size_t count, struct quiet_piece pieces[QUIET_PIECES_MAX], bool *fresh)
{
    unsigned made = 0;
    bool life = gate->always || !(floor > 0.0F) || !(power <= OPEN_RATIO * floor);
    *fresh = life && gate->open == 0;
    if (life)
        gate->open = gate->hold;
    else if (gate->open > 0)
        gate->open--;
    if (*fresh)
        made = reopen(gate, pieces);
    if (gate->open == 0)
        keep(gate, iq, count);
    else
        pieces[made++] = (struct quiet_piece){iq, count};
    gate->seen += count;
    return made;
}

bool quiet_gate_is_open(const struct quiet_gate *gate)
{
    return gate->open > 0;
}

double quiet_gate_sample(const struct quiet_gate *gate, double sample)
{
    return sample + (double)gate->begin;
}
