/* SPDX-License-Identifier: Apache-2.0 */
#include "msk_detector.h"

#include <math.h>
#include <string.h>

#include "clean.h"

#define PLACE_STEP       0.25F   /* of the width of a line: an offset between two places costs little */
#define LIKELIER         1.2F    /* no offset at all, which is what nearly all radios have */
#define RELIABILITY_UNIT 3960.0F /* a clean signal's signs come to 2000 to 2400, as those of the lanes do */
#define QUIET            1e-20F

static const float turn_of_bit = (float)M_PI / BASEBAND_PER_BIT; /* of a line of the square, in a sample */

/* Radians a sample by which the square turns at a place. */
static float place_turn(float place)
{
    return 2.0F * (float)M_PI * 2.0F * PLACE_STEP / MSK_WINDOW * (place - (MSK_PLACES - 1) / 2.0F);
}

static float complex unit(float angle)
{
    return cosf(angle) + _Complex_I * sinf(angle);
}

void msk_detector_reset(struct msk_detector *detector)
{
    memset(detector, 0, sizeof *detector);
    detector->next = BASEBAND_PER_BIT;
    for (unsigned i = 0; i < MSK_TAPS; i++)
        detector->shape[i] = sinf((float)M_PI * ((float)i + 0.5F) / MSK_TAPS);
    for (unsigned i = 0; i < MSK_LINE_PERIOD; i++)
        detector->line_turn[i] = unit(turn_of_bit * (float)i);
    for (unsigned p = 0; p < MSK_PLACES; p++) {
        for (unsigned b = 0; b < MSK_HOP_BITS; b++)
            detector->bit_turn[b][p] =
                unit(-place_turn((float)p) * BASEBAND_PER_BIT * ((float)b - (MSK_HOP_BITS - 1) / 2.0F));
        for (unsigned h = 0; h < MSK_HOPS; h++)
            detector->hop_turn[h][p] =
                unit(-place_turn((float)p) * MSK_HOP * ((float)h - (MSK_HOPS - 1) / 2.0F));
    }
}

static float size_of(float complex z)
{
    return sqrtf(crealf(z) * crealf(z) + cimagf(z) * cimagf(z));
}

static float complex product(float complex x, float complex y)
{
    float a = crealf(x), b = cimagf(x), c = crealf(y), d = cimagf(y);
    return (a * c - b * d) + _Complex_I * (a * d + b * c);
}

static float complex match(struct msk_detector *detector, float complex z)
{
    float re = 0.0F, im = 0.0F;
    detector->input[detector->total % MSK_TAPS] = z;
    for (unsigned i = 0; i < MSK_TAPS; i++) {
        float complex past = detector->input[(detector->total - i) % MSK_TAPS];
        re += detector->shape[i] * crealf(past);
        im += detector->shape[i] * cimagf(past);
    }
    return re + _Complex_I * im;
}

/* The sums of all hops at a place; the oldest is the one that comes after the newest. */
static void add_hops(const struct msk_detector *detector, unsigned newest, unsigned place,
                     float complex line[MSK_LINES])
{
    line[0] = line[1] = 0.0F;
    for (unsigned h = 0; h < MSK_HOPS; h++) {
        const unsigned at = (newest + 1 + h) % MSK_HOPS;
        for (unsigned l = 0; l < MSK_LINES; l++)
            line[l] += product(detector->part[at][l][place], detector->hop_turn[h][place]);
    }
}

/* The offset at which both lines together are strongest; between two places by a parabola. Radians a sample
 * of the carrier. */
static float find_offset(const struct msk_detector *detector, unsigned newest, float complex line[MSK_LINES])
{
    float size[MSK_PLACES], most = -1.0F;
    unsigned best = 0;
    for (unsigned p = 0; p < MSK_PLACES; p++) {
        float complex here[MSK_LINES];
        add_hops(detector, newest, p, here);
        size[p] = size_of(here[0]) + size_of(here[1]);
        float likely = p == MSK_PLACES / 2 ? LIKELIER * size[p] : size[p];
        if (likely <= most)
            continue;
        most = likely;
        best = p;
        memcpy(line, here, sizeof here);
    }
    float place = (float)best;
    if (best > 0 && best + 1 < MSK_PLACES) {
        float left = size[best - 1], right = size[best + 1], bend = 2.0F * size[best] - left - right;
        place += bend > QUIET ? within(0.5F * (right - left) / bend, -0.5F, 0.5F) : 0.0F;
    }
    return 0.5F * place_turn(place);
}

static void estimate(const struct msk_detector *detector, unsigned newest, struct msk_estimate *found)
{
    float complex line[MSK_LINES] = {0.0F}; /* GCC for armhf does not see that it is always filled */
    float power = QUIET;
    found->turn = find_offset(detector, newest, line);
    for (unsigned h = 0; h < MSK_HOPS; h++)
        power += detector->power[h];
    found->middle = (double)detector->total - 0.5 - MSK_WINDOW / 2;
    found->line = cargf(line[0]);
    found->early = cargf(product(line[1], conjf(line[0]))) / (2.0F * turn_of_bit);
    found->certainty = sqrtf(size_of(line[0]) * size_of(line[1])) / power;
    found->scale = sqrtf(power / MSK_WINDOW);
}

/* Where the bits end, and on which axis the sign of the next one stands: of the two that a square leaves, the
 * one that goes on from the last. */
static void settle(struct msk_detector *detector, const struct msk_estimate *found)
{
    double late = (double)found->early - detector->next;
    late -= BASEBAND_PER_BIT * rint(late / BASEBAND_PER_BIT);
    detector->next += late;
    double square = (double)found->line + (double)turn_of_bit * fmod(detector->next, MSK_LINE_PERIOD);
    double phase = 0.5 * square + (double)found->turn * (detector->next - found->middle);
    phase += M_PI * rint(((double)detector->phase - phase) / M_PI);
    detector->phase = (float)phase;
}

/* The matched filter between two samples, on the axis of the sign. */
static float read_sign(const struct msk_detector *detector)
{
    const double whole = floor(detector->next);
    const float part = (float)(detector->next - whole);
    const uint64_t at = (uint64_t)whole;
    float complex a = detector->matched[at % MSK_MEMORY], b = detector->matched[(at + 1) % MSK_MEMORY];
    float re = crealf(a) + part * (crealf(b) - crealf(a)), im = cimagf(a) + part * (cimagf(b) - cimagf(a));
    return re * cosf(detector->phase) + im * sinf(detector->phase);
}

/* Two equal signs: the lower tone, a mark. The bit may be wrong with the one before it: then the sign between
 * them is. */
static void decide(struct msk_detector *detector, const struct msk_estimate *found, struct bit_train *train)
{
    float sign = read_sign(detector);
    struct error_event event = {.mask = 3, .reliability = (uint16_t)lrintf(detector->doubt)};
    bit_train_push(train, (sign > 0.0F) == (detector->before > 0.0F), event,
                   detector->next - (MSK_TAPS - 1) / 2.0);
    detector->before = sign;
    float cost = RELIABILITY_UNIT * sqrtf(found->certainty) * fabsf(sign) / found->scale;
    detector->doubt = within(cost, 0.0F, (float)UINT16_MAX);
    detector->next += BASEBAND_PER_BIT;
    float phase = detector->phase - (float)M_PI_2 + BASEBAND_PER_BIT * found->turn;
    detector->phase = remainderf(phase, 2.0F * (float)M_PI);
}

static void end_hop(struct msk_detector *detector, unsigned hop, struct bit_train *train)
{
    struct msk_estimate found;
    if (detector->total < MSK_WINDOW)
        return;
    estimate(detector, hop, &found);
    if (detector->next < found.middle - MSK_HOP) /* the first window: nobody needs the bits before it */
        detector->next = found.middle - MSK_HOP / 2;
    settle(detector, &found);
    while (detector->next < found.middle + MSK_HOP / 2)
        decide(detector, &found, train);
}

void msk_detector_push(struct msk_detector *detector, float complex z, struct bit_train *train)
{
    const uint64_t n = detector->total;
    const unsigned hop = (unsigned)(n / MSK_HOP % MSK_HOPS),
                   bit = (unsigned)(n / BASEBAND_PER_BIT % MSK_HOP_BITS);
    float complex y = match(detector, z), square = product(y, y);
    float complex turn = detector->line_turn[n % MSK_LINE_PERIOD];
    detector->matched[n % MSK_MEMORY] = y;
    if (n % MSK_HOP == 0) {
        memset(detector->part[hop], 0, sizeof detector->part[hop]);
        detector->power[hop] = 0.0F;
    }
    detector->power[hop] += crealf(y) * crealf(y) + cimagf(y) * cimagf(y);
    detector->bit[0] += product(square, conjf(turn));
    detector->bit[1] += product(square, turn);
    detector->total++;
    if (detector->total % BASEBAND_PER_BIT != 0)
        return;
    for (unsigned l = 0; l < MSK_LINES; l++) {
        for (unsigned p = 0; p < MSK_PLACES; p++)
            detector->part[hop][l][p] += product(detector->bit[l], detector->bit_turn[bit][p]);
        detector->bit[l] = 0.0F;
    }
    if (detector->total % MSK_HOP == 0)
        end_hop(detector, hop, train);
}
