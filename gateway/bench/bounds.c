/* SPDX-License-Identifier: Apache-2.0 */
#include "bounds.h"

#include <math.h>
#include <string.h>

#include "atalaya/dsp/impair.h"

enum { SEQUENCE_FRAMES = 300, BISECTIONS = 50, AFSK_BIT_RATE = 1200, BASEBAND_BIT_RATE = 9600 };

#define MARK_HZ  1200.0 /* Bell 202 */
#define SPACE_HZ 2200.0

static double gaussian_tail(double x)
{
    return 0.5 * erfc(x / M_SQRT2);
}

/* Correlation of the tones over one bit, real part taken for a known phase: sin(2 pi h) / (2 pi h). */
double bound_coherent(double ratio)
{
    double turn = 2.0 * M_PI * BOUND_INDEX;
    return gaussian_tail(sqrt(ratio * (1.0 - sin(turn) / turn)));
}

/* exp(-(a^2 + b^2) / 2) I0(ab), for large ab too: Q1 integrates this, and the form ends with it. I0 from its
 * integral over half a turn, whose trapezia converge faster than any power. */
static double rice(double a, double b)
{
    enum { TRAPEZIA = 64 };
    double sum = 0.0;
    for (int k = 0; k <= TRAPEZIA; k++) {
        double term = exp(a * b * cos(M_PI * k / TRAPEZIA) - (a * a + b * b) / 2.0);
        sum += k == 0 || k == TRAPEZIA ? term / 2.0 : term;
    }
    return sum / TRAPEZIA;
}

/* Q1(a, b) - 1/2 exp(-(a^2 + b^2) / 2) I0(ab); Proakis 4.5, binary signals of correlation sin(pi h) / (pi h).
 */
double bound_noncoherent(double ratio)
{
    enum { STEPS = 200 };
    double rho = sin(M_PI * BOUND_INDEX) / (M_PI * BOUND_INDEX), root = sqrt(1.0 - rho * rho);
    double a = sqrt(ratio / 2.0 * (1.0 - root)), b = sqrt(ratio / 2.0 * (1.0 + root)), q = 0.0;
    double step = 10.0 / STEPS;
    for (int k = 0; k < STEPS; k++) {
        double x = b + (k + 0.5) * step;
        q += x * rice(a, x) * step;
    }
    return q - 0.5 * rice(a, b);
}

double bound_antipodal(double ratio)
{
    return gaussian_tail(sqrt(2.0 * ratio));
}

/* The level at which a frame is lost with probability `loss`. error_rate falls with the level. */
static double level_for(double (*frame_loss)(double ratio, double parameter), double parameter, double loss)
{
    double low = -10.0, high = 30.0;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2.0;
        if (frame_loss(pow(10.0, middle / 10.0), parameter) > loss)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static double lost_of_bits(double error_rate)
{
    return 1.0 - pow(1.0 - error_rate, BOUND_LINE_BITS);
}

static double loss_coherent(double ratio, double parameter)
{
    (void)parameter;
    return lost_of_bits(bound_coherent(ratio));
}

static double loss_noncoherent(double ratio, double parameter)
{
    (void)parameter;
    return lost_of_bits(bound_noncoherent(ratio));
}

static double loss_antipodal(double ratio, double parameter)
{
    (void)parameter;
    return lost_of_bits(bound_antipodal(ratio));
}

struct sequence_job {
    uint64_t seed;
    bool list;
};

static bool measure_sequence(void *context, double level_db, struct bench_point *point)
{
    const struct sequence_job *job = context;
    struct bound_sequence *sequence = bound_sequence_create(job->seed);
    if (!sequence)
        return false;
    for (point->sent = 0; point->sent < SEQUENCE_FRAMES; point->sent++)
        point->decoded += bound_sequence_execute(sequence, pow(10.0, level_db / 10.0), job->list);
    bound_sequence_destroy(sequence);
    return true;
}

static struct bench_bound sequence_bound(bool list)
{
    static struct bench_curve curve; /* large */
    struct sequence_job job = {.seed = 12, .list = list};
    bench_search(&curve, 5.0, measure_sequence, &job);
    return (struct bench_bound){.title = list ? "bound: best sequences, all known but the bits, 1024 tried"
                                              : "best sequence, all known but the bits, no repair",
                                .half_db = bench_curve_level(&curve, 0.5),
                                .tenth_db = bench_curve_level(&curve, 0.1)};
}

static struct bench_bound closed_form(const char *title, double (*loss)(double, double), double parameter,
                                      double to_level_db)
{
    return (struct bench_bound){.title = title,
                                .half_db = level_for(loss, parameter, 0.5) + to_level_db,
                                .tenth_db = level_for(loss, parameter, 0.1) + to_level_db};
}

/* A word of that length with no more than so many wrong bits. */
static double word_holds(double error_rate, unsigned length, unsigned errors)
{
    double sum = 0.0, term = pow(1.0 - error_rate, length);
    for (unsigned k = 0; k <= errors; k++) {
        sum += term;
        term *= error_rate / (1.0 - error_rate) * (length - k) / (k + 1);
    }
    return sum;
}

/* C/S T.001: sin^2(1.1) of the power turns with the bits (2.3.6); the words of a long message correct three
 * and two wrong bits (Annex B). */
double bound_beacon(double ratio)
{
    double error_rate = bound_antipodal(ratio * sin(1.1) * sin(1.1));
    return 1.0 - word_holds(error_rate, 82, 3) * word_holds(error_rate, 38, 2);
}

static double loss_beacon(double ratio, double parameter)
{
    (void)parameter;
    return bound_beacon(ratio);
}

unsigned bench_bounds(const struct bench_case *row, struct bench_bound *bounds)
{
    static struct bench_bound best[2]; /* seconds of work: once */
    const struct modem_row *modem = modem_find(row->modem);
    unsigned rate = modem ? modem->bit_rate : 0, count = 0;
    if (row->beacon && !(row->doppler_hz > 0.0)) {
        bounds[0] =
            closed_form("bound: bit by bit, phase and clock known, both checks", loss_beacon, 0.0, 0.0);
        return 1;
    }
    if (row->msk)
        return bound_msk(row, bounds);
    if (row->doppler_hz > 0.0 || row->protocol || (rate != AFSK_BIT_RATE && rate != BASEBAND_BIT_RATE))
        return 0;
    if (row->input != BENCH_AUDIO) {
        double emphasis = row->pre_emphasis ? MARK_HZ / SPACE_HZ : 1.0;
        double distance = rate == AFSK_BIT_RATE
                              ? bound_distance_afsk(row->deviation_hz * emphasis, row->deviation_hz)
                              : bound_distance_baseband(row->deviation_hz, rate);
        /* Of the pairs of a frame's bits half can be exchanged; told all else, one decides on each by itself.
         */
        bounds[count++] =
            bound_places("bound: the carrier itself, phase known, 1024 tried", BOUND_LINE_BITS / 4, distance,
                         10.0 * log10(rate / IMPAIR_CNR_WIDTH_HZ));
    } else if (rate == AFSK_BIT_RATE) {
        if (!best[0].title) {
            best[0] = sequence_bound(false);
            best[1] = sequence_bound(true);
        }
        bounds[count++] = closed_form("bit by bit, phase unknown, no repair", loss_noncoherent, 0.0, 0.0);
        bounds[count++] = closed_form("bit by bit, phase known, no repair", loss_coherent, 0.0, 0.0);
        bounds[count++] = best[0];
        bounds[count++] = best[1];
    } else {
        bounds[count++] = closed_form("matched filter, bit by bit, no repair", loss_antipodal, 0.0, 0.0);
        bounds[count++] = bound_places("bound: matched filter, 1024 tried", BOUND_LINE_BITS, 2.0, 0.0);
    }
    return count;
}
