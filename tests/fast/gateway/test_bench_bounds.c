/* SPDX-License-Identifier: Apache-2.0 */
/* The search finds a level it was not told, and the bounds agree with figures that are well known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <math.h>
#include <cmocka.h>

#include "../../../gateway/bench/bounds.h"
#include "atalaya/dsp/impair.h"

static struct bench_curve curve;
static unsigned calls;

/* Half lost at `context` dB, log odds 2 a dB; with a dent upwards 1.5 dB above, as chance has it. */
static bool logistic(void *context, double level_db, struct bench_point *point)
{
    double x = level_db - *(double *)context, loss = 1.0 / (1.0 + exp(2.0 * x));
    calls++;
    if (x > 1.4 && x < 1.9)
        loss += 0.02;
    *point = (struct bench_point){.level_db = level_db, .sent = 10000};
    point->decoded = (unsigned)lround(10000.0 * (1.0 - loss));
    return true;
}

static void search_finds_half_and_a_tenth(void **state)
{
    (void)state;
    for (double half_db = -12.3; half_db < 30.0; half_db += 3.7) {
        calls = 0;
        assert_true(bench_search(&curve, 8.0, logistic, &half_db));
        assert_true(fabs(bench_curve_level(&curve, 0.5) - half_db) < 0.05);
        assert_true(fabs(bench_curve_level(&curve, 0.1) - half_db - log(9.0) / 2.0) < 0.15);
        assert_true(calls < 30);
        for (unsigned i = 1; i < curve.count; i++)
            assert_true(curve.point[i].level_db > curve.point[i - 1].level_db);
    }
}

static bool deaf(void *context, double level_db, struct bench_point *point)
{
    (void)context;
    *point = (struct bench_point){.level_db = level_db, .sent = 100};
    return true;
}

static bool broken(void *context, double level_db, struct bench_point *point)
{
    (void)context, (void)level_db, (void)point;
    return false;
}

static void search_ends_where_there_is_nothing_to_find(void **state)
{
    (void)state;
    bench_search(&curve, 8.0, deaf, NULL);
    assert_true(isnan(bench_curve_level(&curve, 0.5)));
    assert_true(curve.count < BENCH_POINTS_MAX);
    assert_false(bench_search(&curve, 8.0, broken, NULL));
    assert_int_equal(curve.count, 0);
    assert_true(isnan(bench_curve_level(&curve, 0.5)));
}

static void sweep_has_every_half_db(void **state)
{
    (void)state;
    double half_db = 3.0;
    assert_true(bench_sweep(&curve, 1.0, 5.0, logistic, &half_db));
    assert_int_equal(curve.count, 9);
    assert_true(fabs(bench_curve_level(&curve, 0.5) - 3.0) < 0.01);
}

/* 1e-5 is reached at 9.59 dB by antipodal signals (any table of the Gaussian tail). Orthogonal ones without
 * phase, 1/2 exp(-Eb/2N0), are what the non-coherent form becomes for uncorrelated tones: these are a little
 * correlated. */
static void closed_forms_have_their_known_values(void **state)
{
    (void)state;
    double at = pow(10.0, 0.959);
    assert_true(fabs(bound_antipodal(at) / 1e-5 - 1.0) < 0.05);
    for (double ratio = 4.0; ratio < 18.0; ratio += 4.0) {
        double orthogonal = 0.5 * exp(-ratio / 2.0);
        assert_true(bound_noncoherent(ratio) > orthogonal && bound_noncoherent(ratio) < 2.0 * orthogonal);
        assert_true(bound_coherent(ratio) < orthogonal);
        /* 1.21 dB worse than antipodal: 1 - sin(2 pi h) / (2 pi h) = 1.165 against 2 */
        assert_true(fabs(bound_coherent(ratio) / bound_antipodal(ratio * 1.1654 / 2.0) - 1.0) < 0.01);
    }
}

static unsigned wrong_of(struct impair_random *random, unsigned bits, double sigma)
{
    unsigned wrong = 0;
    for (unsigned i = 0; i < bits; i++)
        wrong += 1.0 + sigma * impair_random_normal(random) < 0.0;
    return wrong;
}

/* Words of 82 and 38 bits thrown: both must bear their errors. */
static void beacons_are_lost_as_often_as_dice_say(void **state)
{
    enum { THROWS = 10000 };
    struct impair_random random;
    (void)state;
    impair_random_seed(&random, 406);
    for (double ratio = 1.5; ratio < 4.0; ratio *= 1.5) {
        double sigma = 1.0 / (sin(1.1) * sqrt(2.0 * ratio));
        unsigned lost = 0;
        for (unsigned n = 0; n < THROWS; n++)
            lost += wrong_of(&random, 82, sigma) > 3 || wrong_of(&random, 38, sigma) > 2;
        assert_true(lost > 0 && fabs(bound_beacon(ratio) - (double)lost / THROWS) < 0.02);
    }
}

static unsigned arrived(double level_db, bool list)
{
    unsigned count = 0;
    struct bound_sequence *sequence = bound_sequence_create(5);
    assert_non_null(sequence);
    for (int i = 0; i < 100; i++)
        count += bound_sequence_execute(sequence, pow(10.0, level_db / 10.0), list);
    bound_sequence_destroy(sequence);
    return count;
}

static void sequences_have_their_known_bounds(void **state)
{
    (void)state;
    assert_true(arrived(15.0, false) == 100);
    assert_true(arrived(4.8, false) < 35 && arrived(6.8, false) > 65); /* half at 5.8 dB */
    assert_true(arrived(3.3, true) < 35 && arrived(5.2, true) > 65);   /* half at 4.2 dB */
}

/* Costs 1, 2 and 3 make eight sets. */
static void a_list_counts_what_is_likelier(void **state)
{
    (void)state;
    float cost[BOUND_LINE_BITS];
    assert_true(bound_list_reaches((float[]){3.0F, 1.0F, 2.0F}, 3, 7.0));
    for (unsigned i = 0; i < BOUND_LINE_BITS; i++)
        cost[i] = 1.0F;
    /* 682 singles; with pairs of them there are more than are tried */
    assert_true(bound_list_reaches(cost, BOUND_LINE_BITS, 2.0));
    assert_false(bound_list_reaches(cost, BOUND_LINE_BITS, 2.1));
    struct bench_bound one = bound_places("", BOUND_LINE_BITS, 2.0, 0.0);
    struct bench_bound far = bound_places("", BOUND_LINE_BITS, 4.0, 0.0);
    assert_true(fabs(one.half_db - far.half_db - 3.01) < 0.2); /* twice the distance, half the level */
    assert_true(one.half_db < 6.7);                            /* with one trial 6.8 */
}

/* Exchanged antipodal bits are 4 apart, orthogonal ones 2; carriers that do not deviate cannot be told apart.
 */
static void radio_distances_are_sane(void **state)
{
    (void)state;
    assert_true(fabs(bound_distance_afsk(0.0, 0.0)) < 1e-9);
    assert_true(fabs(bound_distance_baseband(0.0, 9600.0)) < 1e-9);
    assert_true(bound_distance_afsk(1500.0, 1500.0) < bound_distance_afsk(3000.0, 3000.0));
    assert_true(bound_distance_afsk(3000.0, 3000.0) > 1.0 && bound_distance_afsk(3000.0, 3000.0) < 3.0);
}

/* Behind an ideal detector of minimum-shift keying: 7.9 % of the signs wrong at 0 dB, which soft decisions of
 * MDC-1200's code bear and bare ones do not. */
static void ideal_detectors_are_worth_more_than_2_db(void **state)
{
    (void)state;
    struct bench_bound bounds[BOUNDS_MAX];
    assert_int_equal(bench_bounds(bench_case_find("mdc1200"), bounds), 2);
    assert_true(bounds[0].tenth_db > -2.5 && bounds[0].tenth_db < -1.0);
    assert_true(bounds[1].tenth_db - bounds[0].tenth_db > 2.0);
}

static void every_case_knows_its_bounds(void **state)
{
    (void)state;
    struct bench_bound bounds[BOUNDS_MAX];
    assert_int_equal(bench_bounds(bench_case_find("audio-flat"), bounds), 4);
    assert_true(bounds[0].half_db > bounds[1].half_db && bounds[1].half_db > bounds[2].half_db);
    assert_true(fabs(bounds[1].half_db - 9.1) < 0.1 && fabs(bounds[2].half_db - 5.8) < 0.2);
    assert_true(fabs(bounds[3].half_db - 4.2) < 0.2);
    assert_int_equal(bench_bounds(bench_case_find("iq-flat"), bounds), 1);
    assert_true(fabs(bounds[0].half_db + 6.6) < 0.2);
    assert_int_equal(bench_bounds(bench_case_find("fm-fade8"), bounds), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_finds_half_and_a_tenth),
        cmocka_unit_test(search_ends_where_there_is_nothing_to_find),
        cmocka_unit_test(sweep_has_every_half_db),
        cmocka_unit_test(closed_forms_have_their_known_values),
        cmocka_unit_test(beacons_are_lost_as_often_as_dice_say),
        cmocka_unit_test(sequences_have_their_known_bounds),
        cmocka_unit_test(a_list_counts_what_is_likelier),
        cmocka_unit_test(radio_distances_are_sane),
        cmocka_unit_test(ideal_detectors_are_worth_more_than_2_db),
        cmocka_unit_test(every_case_knows_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
