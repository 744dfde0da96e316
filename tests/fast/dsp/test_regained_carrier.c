/* SPDX-License-Identifier: Apache-2.0 */
/* Bell 202 in a receiver's audio, read off the FM carrier that the audio was made of: at noise in which the
 * audio itself gives no frame, whatever its scale; not where somebody else has read the burst, nor where
 * clicks are cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <complex.h>
#include <math.h>
#include <cmocka.h>

#include "../../../dsp/regained_carrier.h"
#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "burst_bits.h"

enum {
    PREAMBLE = 240,
    DATA = 300,
    TAIL = 48,
    BITS = PREAMBLE + DATA + TAIL,
    HEARD_MAX = 4096,
    BRANCHES_MAX = 16
};
#define LEAD_S  0.08
#define AFTER_S 1.3 /* others may read it first */

struct scene {
    double rate_hz, cnr_db, full_scale_hz;
    bool pre_emphasis, de_emphasis;
};

static const struct modem_class *bell202;
static uint8_t bits[BITS];
static float *audio;
static size_t count;
static int8_t heard[BRANCHES_MAX][HEARD_MAX];
static unsigned heard_count[BRANCHES_MAX];

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count && heard_count[run->branch] < HEARD_MAX; i++)
        heard[run->branch][heard_count[run->branch]++] = run->soft[i];
}

/* A burst between noise, as a receiver with its squelch open gives it, cut at full scale. */
static void send(const struct scene *scene)
{
    struct impair_random random;
    struct fm_transmitter transmitter;
    struct fm_receiver *receiver = NULL;
    const struct fm_transmitter_settings settings = {
        .rate_hz = scene->rate_hz, .deviation_hz = 3000, .pre_emphasis = scene->pre_emphasis};
    const struct fm_receiver_settings reception = {.rate_hz = scene->rate_hz,
                                                   .if_width_hz = 15000,
                                                   .full_scale_hz = scene->full_scale_hz,
                                                   .de_emphasis = scene->de_emphasis};
    impair_random_seed(&random, 5);
    (void)burst_bits_make(&random, bits, PREAMBLE, DATA, TAIL);
    size_t lead = (size_t)(LEAD_S * scene->rate_hz);
    size_t burst = bell202->modulate_length(scene->rate_hz, BITS);
    count = lead + burst + (size_t)(AFTER_S * scene->rate_hz);
    float complex *iq = calloc(count, sizeof *iq);
    free(audio);
    audio = calloc(count, sizeof *audio);
    assert_non_null(iq);
    assert_non_null(audio);
    assert_int_equal(bell202->modulate(scene->rate_hz, bits, BITS, audio, burst), burst);
    fm_transmitter_create(&transmitter, &settings);
    fm_transmitter_execute(&transmitter, audio, burst, iq + lead);
    impair_add_noise_iq(&random, iq, count, impair_cnr_sigma(scene->rate_hz, scene->cnr_db));
    assert_int_equal(fm_receiver_create(&receiver, &reception), ATALAYA_OK);
    fm_receiver_execute(receiver, iq, count, audio);
    fm_receiver_destroy(receiver);
    free(iq);
    for (size_t i = 0; i < count; i++)
        audio[i] = fminf(fmaxf(audio[i], -1.0F), 1.0F);
}

/* Bits of the data that are wrong where they fit best. */
static int count_wrong(unsigned branch)
{
    uint64_t at;
    return (int)burst_bits_wrong(heard[branch], heard_count[branch], bits + PREAMBLE, DATA, DATA - 1, &at);
}

/* satisfied_s: when somebody says that he has read a frame which began with the data; negative: nobody. */
static void listen(const struct scene *scene, double satisfied_s)
{
    struct modem *modem = NULL;
    size_t satisfied = satisfied_s < 0.0 ? count : (size_t)(satisfied_s * scene->rate_hz);
    memset(heard_count, 0, sizeof heard_count);
    assert_int_equal(bell202->create(&modem, scene->rate_hz, MODEM_AUDIO), ATALAYA_OK);
    bell202->execute(modem, audio, satisfied, hear, NULL);
    if (satisfied < count)
        bell202->satisfy(modem, 0, (uint64_t)(1200.0 * LEAD_S) + PREAMBLE);
    bell202->execute(modem, audio + satisfied, count - satisfied, hear, NULL);
    bell202->destroy(modem);
}

static const struct scene scenes[] = {
    {48000, 1, 12000, true, true},
    {48000, 1, 60000, true, true},
    {44100, 1, 12000, false, true},
    {48000, 0, 25000, false, false},
};

static void reads_what_the_audio_has_lost(void **state)
{
    (void)state;
    const unsigned radio = bell202->branches - 1;
    for (size_t s = 0; s < sizeof scenes / sizeof *scenes; s++) {
        send(&scenes[s]);
        listen(&scenes[s], -1.0);
        int others = DATA;
        for (unsigned branch = 0; branch < radio; branch++) {
            int wrong = count_wrong(branch);
            others = wrong < others ? wrong : others;
        }
        print_message("scene %zu: %d wrong, audio %d\n", s, count_wrong(radio), others);
        assert_true(count_wrong(radio) <= 3);
        assert_true(others > 6);
    }
}

static void leaves_alone_what_others_have_read(void **state)
{
    (void)state;
    const unsigned radio = bell202->branches - 1;
    send(&scenes[0]);
    listen(&scenes[0], LEAD_S + BITS / 1200.0 + 0.05);
    assert_int_equal(heard_count[radio], 0);
    listen(&scenes[0], LEAD_S + BITS / 1200.0 + 1.2); /* too late: it has been read */
    assert_true(heard_count[radio] > DATA);
}

/* Nor what another burst than theirs has, though many branches read that one. */
static void reads_what_came_before_what_others_have_read(void **state)
{
    (void)state;
    const unsigned radio = bell202->branches - 1;
    const double later_s = LEAD_S + BITS / 1200.0 + 0.25;
    const size_t until = (size_t)((later_s + 0.1) * scenes[0].rate_hz);
    struct modem *modem = NULL;
    send(&scenes[0]);
    memset(heard_count, 0, sizeof heard_count);
    assert_int_equal(bell202->create(&modem, scenes[0].rate_hz, MODEM_AUDIO), ATALAYA_OK);
    bell202->execute(modem, audio, until, hear, NULL);
    for (unsigned branch = 0; branch < 3; branch++)
        bell202->satisfy(modem, branch, (uint64_t)(1200.0 * later_s));
    bell202->execute(modem, audio + until, count - until, hear, NULL);
    bell202->destroy(modem);
    assert_true(count_wrong(radio) <= 3);
}

/* A recording ends when the burst does; others have no more than a tenth of a second to read it. */
static void reads_at_once_what_nothing_follows(void **state)
{
    (void)state;
    const unsigned radio = bell202->branches - 1;
    const size_t until = (size_t)((LEAD_S + BITS / 1200.0 + 0.1) * scenes[0].rate_hz);
    struct modem *modem = NULL;
    send(&scenes[0]);
    memset(heard_count, 0, sizeof heard_count);
    assert_int_equal(bell202->create(&modem, scenes[0].rate_hz, MODEM_AUDIO), ATALAYA_OK);
    bell202->execute(modem, audio, until, hear, NULL);
    assert_int_equal(heard_count[radio], 0);
    bell202->finish(modem, hear, NULL);
    assert_true(count_wrong(radio) <= 3);
    const unsigned once = heard_count[radio];
    bell202->execute(modem, audio + until, count - until, hear, NULL);
    bell202->finish(modem, hear, NULL);
    assert_true(heard_count[radio] < once + DATA); /* and not again */
    bell202->destroy(modem);
}

/* Who has caught up with the present waits for what comes. */
static void goes_on_in_a_burst_that_lasts(void **state)
{
    (void)state;
    const unsigned radio = bell202->branches - 1;
    const size_t until = (size_t)((LEAD_S + BITS / 2400.0) * scenes[0].rate_hz);
    struct modem *modem = NULL;
    send(&scenes[0]);
    memset(heard_count, 0, sizeof heard_count);
    assert_int_equal(bell202->create(&modem, scenes[0].rate_hz, MODEM_AUDIO), ATALAYA_OK);
    bell202->execute(modem, audio, until, hear, NULL);
    bell202->finish(modem, hear, NULL);
    for (size_t at = until; at < count; at += 333) /* never as many as are taken at once */
        bell202->execute(modem, audio + at, count - at < 333 ? count - at : 333, hear, NULL);
    assert_true(count_wrong(radio) <= 3);
    bell202->destroy(modem);
}

static void flags_tell_scale_and_emphasis(void **state)
{
    (void)state;
    static struct regained_carrier regained;
    for (size_t s = 0; s < sizeof scenes / sizeof *scenes; s++) {
        send(&scenes[s]);
        regained_carrier_reset(&regained, scenes[s].rate_hz);
        regained_carrier_push(&regained, audio, (size_t)(0.24 * scenes[s].rate_hz));
        assert_true(regained_carrier_learn(&regained, regained.heard));
        assert_true(regained.emphasised == scenes[s].de_emphasis);
        if (regained.emphasised) /* full scale is that of 1 kHz: one pole, and what it does there */
            continue;
        assert_true(fabs(regained.hz / scenes[s].full_scale_hz - 1.0) < 0.03);
    }
}

static void does_nothing_with_clicks_that_are_cut(void **state)
{
    (void)state;
    const struct scene cut = {48000, 1, 6000, false, false};
    send(&cut);
    listen(&cut, -1.0);
    assert_int_equal(heard_count[bell202->branches - 1], 0);
}

int main(void)
{
    bell202 = modem_find("bell202")->class;
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_what_the_audio_has_lost),
                                       cmocka_unit_test(leaves_alone_what_others_have_read),
                                       cmocka_unit_test(reads_what_came_before_what_others_have_read),
                                       cmocka_unit_test(reads_at_once_what_nothing_follows),
                                       cmocka_unit_test(goes_on_in_a_burst_that_lasts),
                                       cmocka_unit_test(flags_tell_scale_and_emphasis),
                                       cmocka_unit_test(does_nothing_with_clicks_that_are_cut)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(audio);
    return failed;
}
