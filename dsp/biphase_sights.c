/* SPDX-License-Identifier: Apache-2.0 */
/* Many sightings, few bursts: lines of one spectrum, and data that look like known bits, are told apart from
 * the burst they belong to. */
#include "biphase_sights.h"

#include <math.h>

#define SAME_BITS 8.0    /* apart: two sightings of one burst */
#define SAME_HZ   1500.0 /* apart: lines of one spectrum; stronger ones reach farther */
#define SIDE_LINE 0.2F   /* of the carrier's power: less is a line of its bits, however far off */
#define UNLIKELY  0.75F  /* as likely as the other: data that happen to look like known bits */
#define FAR_LINE  0.02F  /* the same for one that lies far off */

static bool is_near(const struct biphase_find *a, const struct biphase_find *b, double bits, double rate_hz)
{
    return fabs(a->start - b->start) < bits * a->bit &&
           fabs(a->turn - b->turn) * rate_hz < 2.0 * M_PI * SAME_HZ;
}

/* Two sightings of one burst? One of them may be a line of its spectrum and not its carrier. */
static bool is_same(const struct biphase_find *a, const struct biphase_find *b, double rate_hz)
{
    float weaker = a->power < b->power ? a->power : b->power;
    float stronger = a->power < b->power ? b->power : a->power;
    return is_near(a, b, SAME_BITS, rate_hz) ||
           (fabs(a->start - b->start) < SAME_BITS * a->bit && weaker < SIDE_LINE * stronger);
}

void biphase_sights_drop(struct biphase_sights *sights, unsigned i)
{
    sights->all[i] = sights->all[--sights->count];
}

/* Is it part of a burst that is much more like one? Those that are parts of this one in that way go. */
static bool is_part_of_other(struct biphase_sights *sights, const struct biphase_find *find, double rate_hz)
{
    for (unsigned i = 0; i < sights->count;) {
        const struct biphase_find *other = &sights->all[i].find;
        float weaker = fminf(find->power, other->power), stronger = fmaxf(find->power, other->power);
        bool overlap =
            is_near(other, find, BIPHASE_BITS, rate_hz) ||
            (fabs(other->start - find->start) < BIPHASE_BITS * find->bit && weaker < FAR_LINE * stronger);
        if (overlap && find->likeness < UNLIKELY * other->likeness)
            return true;
        if (overlap && !sights->all[i].is_read && other->likeness < UNLIKELY * find->likeness)
            biphase_sights_drop(sights, i);
        else
            i++;
    }
    return false;
}

/* Of several sightings of one burst the best stays. With too many bursts at once, the least likely one goes.
 */
void biphase_sights_note(struct biphase_sights *sights, const struct biphase_find *find, double rate_hz)
{
    unsigned least = 0;
    if (is_part_of_other(sights, find, rate_hz))
        return;
    for (unsigned i = 0; i < sights->count; i++) {
        struct biphase_sight *other = &sights->all[i];
        if (is_same(&other->find, find, rate_hz)) {
            if (!other->is_read && find->likeness * find->power > other->find.likeness * other->find.power)
                other->find = *find;
            return;
        }
        if (other->find.likeness < sights->all[least].find.likeness)
            least = i;
    }
    if (sights->count < BIPHASE_SIGHTS)
        sights->all[sights->count++] = (struct biphase_sight){.find = *find};
    else if (find->likeness > sights->all[least].find.likeness)
        sights->all[least] = (struct biphase_sight){.find = *find};
}
