/* SPDX-License-Identifier: Apache-2.0 */
/* A channel that falls silent, falls, rises or clips is a fault after a while and not before, flaps not,
 * comes right by itself, and never becomes the usual thing by standing long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../../../gateway/guard/noise_watch.h"
#include "../../../gateway/guard/signal_look.h"

#define DAY_S 86400.0
static const struct noise_settings settings = {
    .fall_db = 6.0, .rise_db = 10.0, .after_s = 60.0, .learn_s = 600.0};
static struct noise_watch watch;
static uint32_t seed;

static int set_up(void **state)
{
    (void)state;
    seed = 1;
    noise_watch_reset(&watch, &settings, NULL);
    noise_watch_open(&watch, false);
    return 0;
}

static double wobble(void) /* +-1 dB */
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) / 8388608.0 - 1.0;
}

static enum noise_fault fault(void)
{
    struct noise_figures figures;
    noise_watch_figures(&watch, &figures);
    return figures.fault;
}

static void hear(double level_dbfs, double seconds)
{
    for (double s = 0.0; s < seconds; s += 0.1)
        noise_watch_execute(&watch, level_dbfs + wobble(), 0.1, true, 0.0, 4800.0);
}

static void falls_and_comes_back(void **state)
{
    (void)state;
    hear(-20.0, 1200.0);
    assert_int_equal(fault(), NOISE_WELL);
    hear(-34.0, 40.0);
    assert_int_equal(fault(), NOISE_WELL); /* not yet */
    hear(-34.0, 40.0);
    assert_int_equal(fault(), NOISE_FALLEN);
    struct noise_figures figures;
    noise_watch_figures(&watch, &figures);
    assert_true(fabs(figures.usual_dbfs + 20.0) < 1.5 && fabs(figures.level_dbfs + 34.0) < 1.5);
    hear(-20.0, 30.0);
    assert_int_equal(fault(), NOISE_WELL);
}

/* A fall lasts as a fault for as long as anybody could go on without coming: weeks would move the usual level
 * by 1 dB a day. */
static void a_fault_does_not_become_usual(void **state)
{
    (void)state;
    hear(-20.0, 1200.0);
    for (int day = 0; day < 7; day++) {
        for (double s = 0.0; s < DAY_S; s += 5.0)
            noise_watch_execute(&watch, -34.0, 5.0, true, 0.0, 100.0);
        assert_int_equal(fault(), NOISE_FALLEN);
    }
    hear(-20.0, 30.0);
    assert_int_equal(fault(), NOISE_WELL);
}

static void does_not_flap_at_the_limit(void **state)
{
    unsigned changes = 0;
    (void)state;
    hear(-20.0, 1200.0);
    enum noise_fault before = fault();
    for (int i = 0; i < 200; i++) { /* loudest piece wanders around 6 dB below */
        hear(-26.0 + 1.5 * wobble(), 10.0);
        changes += fault() != before;
        before = fault();
    }
    assert_in_range(changes, 0, 1);
}

/* Discriminator: whoever transmits quiets the noise. Only a transmission without end is a fault. */
static void transmissions_are_no_fault(void **state)
{
    (void)state;
    hear(-15.0, 1200.0);
    for (int i = 0; i < 40; i++) {
        hear(-40.0, 45.0);
        hear(-15.0, 1.0);
        assert_int_equal(fault(), NOISE_WELL);
    }
    hear(-40.0, 120.0);
    assert_int_equal(fault(), NOISE_FALLEN);
}

/* In complex baseband it is the other way round. */
static void carriers_of_a_band_are_no_fault(void **state)
{
    (void)state;
    noise_watch_open(&watch, true);
    hear(-60.0, 1200.0);
    for (int i = 0; i < 40; i++) {
        hear(-30.0, 45.0);
        hear(-60.0, 1.0);
        assert_int_equal(fault(), NOISE_WELL);
    }
    hear(-30.0, 120.0); /* a jammer */
    assert_int_equal(fault(), NOISE_RISEN);
    hear(-60.0, 30.0);
    assert_int_equal(fault(), NOISE_WELL);
    hear(-68.0, 120.0); /* the antenna */
    assert_int_equal(fault(), NOISE_FALLEN);
}

static void sameness_is_silence(void **state)
{
    (void)state;
    for (int i = 0; i < 400; i++) /* before anything is learnt */
        noise_watch_execute(&watch, -200.0, 0.2, false, 0.0, 960.0);
    assert_int_equal(fault(), NOISE_SILENT);
    hear(-20.0, 30.0);
    assert_int_equal(fault(), NOISE_WELL);
    struct noise_figures figures;
    noise_watch_figures(&watch, &figures);
    assert_true(figures.usual.loudest_dbfs > -30.0); /* silence taught nothing */
}

static void clipping_without_end_is_a_fault(void **state)
{
    (void)state;
    for (int i = 0; i < 800; i++)
        noise_watch_execute(&watch, -1.0, 0.1, true, 300.0, 4800.0);
    assert_int_equal(fault(), NOISE_CLIPPED);
    hear(-20.0, 30.0);
    assert_int_equal(fault(), NOISE_WELL);
    hear(-20.0, 50.0);
    for (int i = 0; i < 50; i++) /* a shout */
        noise_watch_execute(&watch, -1.0, 0.1, true, 300.0, 4800.0);
    hear(-20.0, 50.0);
    assert_int_equal(fault(), NOISE_WELL);
}

/* A restart with the antenna off. */
static void what_was_learnt_before_counts(void **state)
{
    const struct noise_usual usual = {-21.0, -19.0, 7200.0};
    (void)state;
    noise_watch_reset(&watch, &settings, &usual);
    noise_watch_open(&watch, false);
    hear(-34.0, 80.0);
    assert_int_equal(fault(), NOISE_FALLEN);
}

static void broken_memory_is_no_memory(void **state)
{
    const struct noise_usual bad[] = {{(double)NAN, -19.0, 7200.0},
                                      {-21.0, (double)INFINITY, 7200.0},
                                      {-21.0, -19.0, (double)NAN},
                                      {-21.0, -19.0, -1.0}};
    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        noise_watch_reset(&watch, &settings, &bad[i]);
        noise_watch_open(&watch, false);
        hear(-34.0, 80.0);
        assert_int_equal(fault(), NOISE_WELL);
    }
}

static void hostile_levels_do_no_lasting_harm(void **state)
{
    const double levels[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1e300, -1e300};
    (void)state;
    hear(-20.0, 1200.0);
    for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++)
        noise_watch_execute(&watch, levels[i], 0.1, true, 0.0, 4800.0);
    hear(-20.0, 1200.0);
    assert_int_equal(fault(), NOISE_WELL);
    struct noise_figures figures;
    noise_watch_figures(&watch, &figures);
    assert_true(fabs(figures.usual_dbfs + 20.0) < 2.0);
}

static void samples_are_looked_at(void **state)
{
    struct signal_look look = {.known = false};
    float samples[] = {0.25F, 9.0F, 0.25F, 9.0F, 0.25F, 9.0F};
    (void)state;
    signal_look_execute(&look, samples, 3, 2); /* I of an I, Q pair that never changes */
    signal_look_execute(&look, samples, 3, 2);
    assert_false(look.alive);
    assert_true(look.samples == 6.0 && look.clipped == 0.0);
    signal_look_execute(&look, samples + 1, 3, 2);
    assert_true(look.alive);
    assert_true(look.clipped == 3.0);
    look = (struct signal_look){.known = false};
    float dead[] = {NAN, NAN};
    signal_look_execute(&look, dead, 2, 1);
    assert_false(look.alive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(falls_and_comes_back, set_up),
        cmocka_unit_test_setup(a_fault_does_not_become_usual, set_up),
        cmocka_unit_test_setup(does_not_flap_at_the_limit, set_up),
        cmocka_unit_test_setup(transmissions_are_no_fault, set_up),
        cmocka_unit_test_setup(carriers_of_a_band_are_no_fault, set_up),
        cmocka_unit_test_setup(sameness_is_silence, set_up),
        cmocka_unit_test_setup(clipping_without_end_is_a_fault, set_up),
        cmocka_unit_test_setup(what_was_learnt_before_counts, set_up),
        cmocka_unit_test_setup(broken_memory_is_no_memory, set_up),
        cmocka_unit_test_setup(hostile_levels_do_no_lasting_harm, set_up),
        cmocka_unit_test_setup(samples_are_looked_at, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
