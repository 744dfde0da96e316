/* SPDX-License-Identifier: Apache-2.0 */
/* Genie-aided sequence detection of Bell 202. With h = 5/6 the phase at a bit's beginning, less what time
 * alone does to it, is one of six: the trellis has six states, the count of spaces so far modulo 6 (Proakis,
 * section 5.3, on CPM). The correlators are drawn, not the samples: for a bit sent with tone b and energy 1,
 * the correlation with the other tone is rho or its conjugate, and the noises of the two are correlated
 * likewise. */
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "bounds.h"

enum {
    STATES = 6,
    PHASES = 12,
    END_BITS = 8 /* the last decisions have no future: the closing flag's */
};

struct bound_sequence {
    struct impair_random random;
    uint8_t sent[BOUND_LINE_BITS], decided[BOUND_LINE_BITS];
    uint8_t mark[BOUND_LINE_BITS][STATES]; /* how the survivor that ends in a state ends */
    float margin[BOUND_LINE_BITS][STATES]; /* by how much it won */
    uint8_t state[BOUND_LINE_BITS];        /* of the winner, after each bit */
    double complex turn[PHASES];           /* exp(i pi h n) */
    float cost[BOUND_LINE_BITS];           /* margins along the winner */
};

static double complex unit(double angle)
{
    return cos(angle) + sin(angle) * (double complex)_Complex_I;
}

struct bound_sequence *bound_sequence_create(uint64_t seed)
{
    struct bound_sequence *sequence = calloc(1, sizeof *sequence);
    if (!sequence)
        return NULL;
    impair_random_seed(&sequence->random, seed);
    for (int n = 0; n < PHASES; n++)
        sequence->turn[n] = unit(M_PI * BOUND_INDEX * n);
    return sequence;
}

void bound_sequence_destroy(struct bound_sequence *sequence)
{
    free(sequence);
}

static double complex draw_noise(struct impair_random *random, double sigma)
{
    double re = impair_random_normal(random);
    return sigma * (re + impair_random_normal(random) * (double complex)_Complex_I);
}

/* Correlations of one received bit with mark (1) and space (0). phase: of the carrier at its beginning. */
static void receive_bit(struct bound_sequence *sequence, bool mark, unsigned phase, double ratio,
                        double complex seen[2])
{
    double turn = M_PI * BOUND_INDEX, real_rho = sin(turn) / turn, sigma = sqrt(0.5 / ratio);
    double complex rho = real_rho * sequence->turn[1]; /* of a space, seen by the correlator for a mark */
    double complex noise = draw_noise(&sequence->random, sigma);
    double complex other =
        conj(rho) * noise + sqrt(1.0 - real_rho * real_rho) * draw_noise(&sequence->random, sigma);
    seen[1] = sequence->turn[phase] * (mark ? 1.0 : rho) + noise;
    seen[0] = sequence->turn[phase] * (mark ? conj(rho) : 1.0) + other;
}

/* Phase at the beginning of a bit, as a whole number of pi h: twelve of them make five turns. */
static unsigned state_phase(unsigned bit, unsigned state)
{
    return (2 * state + PHASES - bit % PHASES) % PHASES;
}

static void step(struct bound_sequence *sequence, unsigned bit, const double complex seen[2],
                 double metric[STATES])
{
    double next[STATES];
    for (unsigned s = 0; s < STATES; s++) {
        unsigned before = (s + STATES - 1) % STATES;
        double by_mark = metric[s] + creal(seen[1] * conj(sequence->turn[state_phase(bit, s)]));
        double by_space = metric[before] + creal(seen[0] * conj(sequence->turn[state_phase(bit, before)]));
        sequence->mark[bit][s] = by_mark > by_space;
        sequence->margin[bit][s] = (float)fabs(by_mark - by_space);
        next[s] = fmax(by_mark, by_space);
    }
    memcpy(metric, next, sizeof next);
}

static unsigned state_before(unsigned state, bool mark)
{
    return mark ? state : (state + STATES - 1) % STATES;
}

static void decide(struct bound_sequence *sequence, const double metric[STATES])
{
    unsigned state = 0;
    for (unsigned s = 1; s < STATES; s++)
        state = metric[s] > metric[state] ? s : state;
    for (unsigned bit = BOUND_LINE_BITS; bit-- > 0;) {
        sequence->state[bit] = (uint8_t)state;
        sequence->decided[bit] = sequence->mark[bit][state];
        sequence->cost[bit] = sequence->margin[bit][state];
        state = state_before(state, sequence->decided[bit]);
    }
}

static bool is_sent(const struct bound_sequence *sequence, const uint8_t *bits)
{
    return memcmp(bits, sequence->sent, BOUND_LINE_BITS - END_BITS) == 0;
}

/* metric_sent: of the bits as they were sent. The winner's merges, undone in any number, make the likeliest
 * of the other sequences; some of them exclude each other, which does not matter here. */
bool bound_sequence_execute(struct bound_sequence *sequence, double ratio, bool list)
{
    double metric[STATES] = {0.0, -1e9, -1e9, -1e9, -1e9, -1e9}, metric_sent = 0.0, best = -1e9;
    unsigned spaces = 0;
    for (unsigned bit = 0; bit < BOUND_LINE_BITS; bit++) {
        double complex seen[2];
        bool mark = impair_random_uniform(&sequence->random) < 0.5;
        unsigned phase = state_phase(bit, spaces);
        sequence->sent[bit] = mark;
        receive_bit(sequence, mark, phase, ratio, seen);
        metric_sent += creal(seen[mark] * conj(sequence->turn[phase]));
        spaces = (spaces + !mark) % STATES;
        step(sequence, bit, seen, metric);
    }
    for (unsigned s = 0; s < STATES; s++)
        best = fmax(best, metric[s]);
    decide(sequence, metric);
    return is_sent(sequence, sequence->decided) ||
           (list && bound_list_reaches(sequence->cost, BOUND_LINE_BITS - END_BITS, best - metric_sent));
}
