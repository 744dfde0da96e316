/* SPDX-License-Identifier: Apache-2.0 */
/* The site's own burst goes in where the samples come from and comes out decoded, with every protocol that
 * can be sent, and nobody hears of it. A receiver that cannot hear it fails. It waits for whoever transmits,
 * and makes way for who begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../gateway/activity.h"
#include "../../../gateway/encode/transmission.h"
#include "../../../gateway/guard/noise_watch.h"
#include "../../../gateway/guard/self_test.h"
#include "../../../gateway/words.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/gateway/receiver.h"

#define AUDIO_HZ 48000.0
#define BAND_HZ  96000.0
static char path[] = "/tmp/atalaya-self-test-XXXXXX";
static struct config *config;
static struct words *words;
static struct noise_watch watches[2];
static unsigned receptions, activities;
static struct message last;

static void on_reception(void *context, const struct reception *reception)
{
    (void)context;
    receptions++;
    last = reception->message;
}

static void on_activity(void *context, const struct activity *activity)
{
    (void)context;
    (void)activity;
    activities++;
}

static void put_noise(FILE *file, double dbfs, double rate_hz, unsigned lanes, double seconds)
{
    static struct impair_random random;
    float block[960];
    impair_random_seed(&random, 7);
    size_t left = (size_t)(seconds * rate_hz) * lanes;
    for (size_t some; left > 0; left -= some) {
        some = left < 960 ? left : 960;
        memset(block, 0, sizeof block);
        impair_add_noise(&random, block, some, pow(10.0, dbfs / 20.0) / sqrt(lanes));
        assert_int_equal(fwrite(block, sizeof *block, some, file), some);
    }
}

/* Adds bursts of the same text at these times to a recording of audio. */
static void add_bursts(const double *at_s, unsigned count, float amplitude)
{
    const struct transmission_settings how = {.protocol = "ax25"};
    static const char line[] = "N0CALL-7>APZATL:>on foot, all well";
    struct transmission made;
    char why[200];
    assert_true(transmission_make(&how, line, sizeof line - 1, &made, why, sizeof why));
    size_t length = made.modem->class->modulate_length(AUDIO_HZ, made.bit_count);
    float *burst = calloc(length, sizeof *burst), *samples = NULL;
    length = made.modem->class->modulate(AUDIO_HZ, made.bits, made.bit_count, burst, length);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    for (unsigned n = 0; n < count; n++) {
        long place = (long)(at_s[n] * AUDIO_HZ) * (long)sizeof *samples;
        samples = realloc(samples, length * sizeof *samples);
        assert_int_equal(fseek(file, place, SEEK_SET), 0);
        assert_int_equal(fread(samples, sizeof *samples, length, file), length);
        for (size_t i = 0; i < length; i++)
            samples[i] += amplitude * burst[i];
        assert_int_equal(fseek(file, place, SEEK_SET), 0);
        assert_int_equal(fwrite(samples, sizeof *samples, length, file), length);
    }
    free(samples);
    fclose(file);
    free(burst);
}

static void record(double dbfs, bool iq, double seconds)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    put_noise(file, dbfs, iq ? BAND_HZ : AUDIO_HZ, iq ? 2 : 1, seconds);
    fclose(file);
}

static void set_channel(unsigned channel, const char *name, const char *protocol, double frequency_hz)
{
    struct config_channel *c = &config->channel[channel];
    memset(c, 0, sizeof *c);
    (void)snprintf(c->name, sizeof c->name, "%s", name);
    (void)snprintf(c->protocols[0], sizeof c->protocols[0], "%s", protocol);
    c->protocol_count = 1;
    c->frequency_hz = frequency_hz;
}

static void set_source(bool iq)
{
    config->source_count = 1;
    config->source[0] = (struct config_source){.name = "tape",
                                               .type = SOURCE_FILE,
                                               .format = iq ? SAMPLE_CF32 : SAMPLE_F32,
                                               .rate_hz = iq ? BAND_HZ : AUDIO_HZ,
                                               .lanes = 1,
                                               .centre_hz = iq ? 144.8e6 : (double)NAN};
    (void)snprintf(config->source[0].path, sizeof config->source[0].path, "%s", path);
}

/* Tests the first channel through a receiver of the recording. */
static struct self_test_outcome run(void)
{
    const struct noise_settings settings = {.after_s = 60.0, .learn_s = 60.0};
    struct self_test_outcome outcome;
    struct source *source;
    struct receiver *receiver;
    struct test_burst *burst;
    struct self_test *test;
    receptions = activities = 0;
    assert_int_equal(source_open(&config->source[0], &source), ATALAYA_OK);
    assert_int_equal(receiver_create(config, 0, source, on_reception, NULL, &receiver), ATALAYA_OK);
    assert_int_equal(receiver_watch(receiver, on_activity, NULL), ATALAYA_OK);
    for (unsigned i = 0; i < config->channel_count; i++)
        noise_watch_reset(&watches[i], &settings, NULL);
    assert_int_equal(receiver_guard(receiver, config, watches), ATALAYA_OK);
    assert_int_equal(test_burst_create(&config->channel[0], source_format(source), words, &burst),
                     ATALAYA_OK);
    assert_int_equal(self_test_create(config, 0, source_format(source), burst, &test), ATALAYA_OK);
    assert_true(receiver_test(receiver, test));
    while (receiver_step(receiver) == ATALAYA_OK)
        continue;
    assert_true(self_test_over(test));
    self_test_outcome(test, &outcome);
    assert_true(receiver_test(receiver, NULL));
    receiver_destroy(receiver);
    self_test_destroy(test);
    source_close(source);
    return outcome;
}

static int set_up(void **state)
{
    (void)state;
    memset(config, 0, sizeof *config);
    config->guard.self_test_db = 15.0;
    config->guard.self_test_wait_s = 600.0;
    config->channel_count = 1;
    return 0;
}

static bool is_squelch(const char *id)
{
    return strcmp(id, "ctcss") == 0 || strcmp(id, "dcs") == 0;
}

static void every_protocol_that_can_be_sent_is_heard_in_audio(void **state)
{
    unsigned tried = 0;
    (void)state;
    record(-20.0, false, 6.5);
    set_source(false);
    for (size_t i = 0; i < protocol_table_size; i++) {
        const struct protocol_row *row = &protocol_table[i];
        if (!row->transmits || is_squelch(row->id))
            continue;
        set_channel(0, "patrol", row->id, (double)NAN);
        struct self_test_outcome outcome = run();
        print_message("%s: %s, %.1f dB over the noise, after %.2f s\n", row->id,
                      self_test_result_text(outcome.result), outcome.snr_db, outcome.delay_s);
        assert_int_equal(outcome.result, SELF_TEST_PASSED);
        assert_string_equal(outcome.protocol, row->id);
        assert_int_equal(receptions, 0);
        assert_int_equal(activities, 0);
        tried++;
    }
    assert_true(tried >= 8);
}

static void a_band_hears_it_where_the_channel_is(void **state)
{
    static const char *const protocols[] = {"ax25", "mdc1200", "tetrapol"};
    (void)state;
    record(-30.0, true, 9.0);
    set_source(true);
    config->channel_count = 2;
    for (unsigned i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        set_channel(0, "patrol", protocols[i], 144.775e6);
        set_channel(1, "neighbour", protocols[i], 144.8125e6);
        struct self_test_outcome outcome = run();
        print_message("%s: %s, %.1f dB over the noise, after %.2f s\n", protocols[i],
                      self_test_result_text(outcome.result), outcome.snr_db, outcome.delay_s);
        assert_int_equal(outcome.result, SELF_TEST_PASSED);
        assert_true(fabs(outcome.snr_db - 15.0) < 0.5);
        assert_int_equal(receptions, 0);
        assert_int_equal(activities, 0);
    }
}

static void the_standard_is_the_channels(void **state)
{
    (void)state;
    record(-20.0, false, 6.5);
    set_source(false);
    set_channel(0, "calls", "select5", (double)NAN);
    (void)snprintf(config->channel[0].variants[0], sizeof config->channel[0].variants[0], "ccir1");
    config->channel[0].variant_count = 1;
    assert_int_equal(run().result, SELF_TEST_PASSED);
}

static void what_does_not_come_out_has_failed(void **state)
{
    (void)state;
    record(-10.0, false, 8.0);
    set_source(false);
    set_channel(0, "patrol", "ax25", (double)NAN);
    config->guard.self_test_db = -20.0; /* below what anybody reads */
    struct self_test_outcome outcome = run();
    assert_int_equal(outcome.result, SELF_TEST_FAILED);
    assert_int_equal(receptions, 0);
}

/* The channel is busy, busy, busy, then free: all that was there is heard. */
static void it_waits_for_quiet(void **state)
{
    const double at_s[] = {0.5, 1.9, 3.3};
    (void)state;
    record(-70.0, false, 11.0);
    add_bursts(at_s, 3, 0.25F);
    set_source(false);
    set_channel(0, "patrol", "ax25", (double)NAN);
    struct self_test_outcome outcome = run();
    assert_int_equal(outcome.result, SELF_TEST_PASSED);
    assert_false(outcome.disturbed);
    assert_int_equal(receptions, 3);
}

/* Who begins while it is mixed in is heard; the test is not. */
static void it_makes_way(void **state)
{
    const double at_s[] = {1.7};
    (void)state;
    record(-70.0, false, 8.0);
    add_bursts(at_s, 1, 0.25F);
    set_source(false);
    set_channel(0, "patrol", "ax25", (double)NAN);
    struct self_test_outcome outcome = run();
    assert_int_equal(outcome.result, SELF_TEST_BUSY);
    assert_true(outcome.disturbed);
    assert_int_equal(receptions, 1);
    assert_string_equal(last.unit, "N0CALL-7");
}

static void it_gives_up(void **state)
{
    double at_s[9];
    (void)state;
    for (unsigned i = 0; i < 9; i++)
        at_s[i] = 0.5 + 1.2 * i;
    record(-70.0, false, 12.0);
    add_bursts(at_s, 9, 0.25F);
    set_source(false);
    set_channel(0, "patrol", "ax25", (double)NAN);
    config->guard.self_test_wait_s = 5.0;
    struct self_test_outcome outcome = run();
    assert_int_equal(outcome.result, SELF_TEST_BUSY);
    assert_false(outcome.disturbed);
    assert_int_equal(receptions, 9);
}

/* What calls for help is never taken for the test, whatever it looks like; and what means something at this
 * site is no test. */
static void it_is_never_a_call_for_help(void **state)
{
    static struct message message;
    struct config_code code = {.name = "sos", .match_count = 1, .distress = CODE_RAISES};
    struct source_format format = {.rate_hz = AUDIO_HZ, .lanes = 1};
    struct test_burst *burst;
    struct self_test *test;
    (void)state;
    set_channel(0, "calls", "dtmf", (double)NAN);
    assert_int_equal(test_burst_create(&config->channel[0], &format, words, &burst), ATALAYA_OK);
    assert_int_equal(self_test_create(config, 0, &format, burst, &test), ATALAYA_OK);
    message_reset(&message, "dtmf", "dtmf");
    (void)snprintf(message.unit, sizeof message.unit, "00000");
    message.distress = DISTRESS_RAISED;
    assert_false(self_test_hear(test, 0, &message));
    self_test_destroy(test);
    (void)snprintf(code.match[0], sizeof code.match[0], "dtmf.code=00000");
    words_set_codes(words, &code, 1);
    assert_int_equal(test_burst_create(&config->channel[0], &format, words, &burst), ATALAYA_E_UNSUPPORTED);
    words_set_codes(words, &code, 0);
}

int main(void)
{
    const struct config_distress distress = {.texts = {"EMERGENCY", "SOS"}, .text_count = 2};
    int file = mkstemp(path);
    config = calloc(1, sizeof *config);
    if (file < 0 || !config || words_create(&distress, &words) != ATALAYA_OK)
        return 1;
    close(file);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_protocol_that_can_be_sent_is_heard_in_audio, set_up),
        cmocka_unit_test_setup(a_band_hears_it_where_the_channel_is, set_up),
        cmocka_unit_test_setup(the_standard_is_the_channels, set_up),
        cmocka_unit_test_setup(what_does_not_come_out_has_failed, set_up),
        cmocka_unit_test_setup(it_waits_for_quiet, set_up),
        cmocka_unit_test_setup(it_makes_way, set_up),
        cmocka_unit_test_setup(it_gives_up, set_up),
        cmocka_unit_test_setup(it_is_never_a_call_for_help, set_up),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    words_destroy(words);
    free(config);
    unlink(path);
    return failed;
}
