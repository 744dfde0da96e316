/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_lane.h"

#include <math.h>

enum {
    LEARN_BACK = 4, /* bits after which a decision is good enough to learn from */
    WEAK_MOST = 64  /* bits of a fade that are waited for; more than a decision and its doubts take */
};
#define RELIABILITY_UNIT 2000.0F /* of an alternative that costs as much as a bit's amplitude */
#define SNR_LEAST        1.8F    /* noise looks like 0.7, and a signal is read from 3 on */
#define BEGIN_LEAD       3.0F    /* bits' worth by which the state at the beginning is known */

void rf_lane_begin(struct rf_lane *lane)
{
    rf_trellis_begin(&lane->trellis, 0, BEGIN_LEAD * lane->learner.amplitude * (float)lane->model.length);
    lane->learned = 0;
    lane->weak = 0;
    lane->active = true;
}

/* From the decision of a moment ago. */
static bool learn(struct rf_lane *lane)
{
    struct rf_decision decision;
    const unsigned at = lane->learned % RF_LANE_READ;
    if (!rf_trellis_recall(&lane->trellis, LEARN_BACK, &decision))
        return true;
    if (!rf_learner_learn(&lane->learner, &lane->model, &lane->seen[at], &lane->read[at], decision.state,
                          decision.mark))
        return false;
    rf_learner_advance(&lane->learner, &lane->model);
    lane->learned++;
    lane->weak = rf_learner_snr(&lane->learner, &lane->model) < SNR_LEAST ? lane->weak + 1 : 0;
    return lane->weak < WEAK_MOST;
}

static void output(struct rf_lane *lane, const struct rf_clock *clock, struct bit_train *train)
{
    struct rf_decision decision;
    if (!rf_trellis_recall(&lane->trellis, RF_DEPTH, &decision))
        return;
    float unit = lane->learner.amplitude * (float)lane->model.length;
    float cost = unit > 0.0F ? RELIABILITY_UNIT * decision.margin / unit : 0.0F;
    struct error_event event = {.mask = decision.pattern};
    event.reliability = (uint16_t)(cost < (float)UINT16_MAX ? cost : (float)UINT16_MAX);
    double end = lane->end[(lane->trellis.bits - 1 - RF_DEPTH) % RF_STEPS];
    lane->turn[train->total % RF_LANE_MEMORY] = (float)lane->model.turn;
    bit_train_push(train, decision.mark, event, (end - clock->origin) / clock->step);
}

void rf_lane_execute(struct rf_lane *lane, const float complex *ring, uint64_t mask, uint64_t newest,
                     const struct rf_clock *clock, struct bit_train *train)
{
    while (lane->active && train->pending < BIT_TRAIN_RUN_MAX) {
        const unsigned at = lane->trellis.bits % RF_LANE_READ;
        struct rf_model *now = &lane->seen[at];
        struct rf_bit *bit = &lane->read[at];
        *now = lane->model;
        rf_model_advance(now, (int)(lane->trellis.bits - lane->learned));
        if (now->start < 0.0 || now->start + now->length + 1.0 > (double)newest)
            return;
        rf_bit_read(bit, now, ring, mask);
        lane->end[lane->trellis.bits % RF_STEPS] = now->start + now->length;
        rf_trellis_execute(&lane->trellis, now, bit);
        lane->active = learn(lane);
        output(lane, clock, train);
    }
}
_Static_assert((int)RF_LANE_READ > (int)LEARN_BACK, "bits are learnt from before they are forgotten");

double rf_lane_turn(const struct rf_lane *lane, const struct bit_train *train, uint64_t first_bit,
                    uint64_t end_bit)
{
    uint64_t oldest = train->total > RF_LANE_MEMORY ? train->total - RF_LANE_MEMORY : 0;
    double sum = 0.0, count = 0.0;
    for (uint64_t bit = first_bit > oldest ? first_bit : oldest; bit < end_bit && bit < train->total; bit++) {
        sum += (double)lane->turn[bit % RF_LANE_MEMORY];
        count += 1.0;
    }
    return sum / count;
}
