/* SPDX-License-Identifier: Apache-2.0 */
/* The whole receive path on generated recordings: when a burst was, how often, on how many channels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sndfile.h>
#include <unistd.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/gateway/clock.h"
#include "rx_rig.h"

static const double bit_s = 1 / 1200.0;
#define WEAK_CNR_DB 3.0

static char path[] = "/tmp/atalaya-receiver-XXXXXX";

/* A recording in the making: lanes of float samples. */
static float *samples;
static size_t frames;
static unsigned lanes, rate_hz;

static void start(unsigned rate, unsigned lane_count, double seconds)
{
    free(samples);
    rate_hz = rate;
    lanes = lane_count;
    frames = (size_t)(seconds * rate);
    samples = calloc(frames * lanes, sizeof *samples);
    assert_non_null(samples);
}

/* Sends so that the frame's opening flag (the last of the preamble) begins at time_s exactly, part of a
 * sample included: what falls between samples is made at eight times the rate and thinned out. */
static double send(const char *text, unsigned lane, double time_s, double amplitude)
{
    static uint8_t bits[RX_BITS_MAX];
    size_t count = rx_line_bits("ax25", text, bits, RX_BITS_MAX);
    const struct modem_class *modem = modem_find("bell202")->class;
    enum { FINE = 8 };
    size_t need = modem->modulate_length(rate_hz * FINE, count);
    float *fine = calloc(need + FINE, sizeof *fine);
    assert_true(modem->modulate(rate_hz * FINE, bits, count, fine, need) == need);
    double first = (time_s - (RX_PREAMBLE_BITS - 8) * bit_s) * rate_hz * FINE;
    size_t at = (size_t)ceil(first / FINE), offset = (size_t)llround((double)at * FINE - first);
    for (size_t i = offset; i < need && at < frames; i += FINE, at++)
        samples[at * lanes + lane] += (float)amplitude * fine[i];
    free(fine);
    return (double)(count - RX_PREAMBLE_BITS) *
           bit_s; /* opening flag to the end of the frame's closing one */
}

static void add_channel(unsigned lane, const char *name)
{
    struct config_channel *channel = rx_add_channel(name);
    channel->lane = lane;
    channel->frequency_hz = 144.39e6;
}

static void write_recording(void)
{
    SF_INFO info = {
        .samplerate = (int)rate_hz, .channels = (int)lanes, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    assert_non_null(file);
    assert_int_equal(sf_writef_float(file, samples, (sf_count_t)frames), (sf_count_t)frames);
    assert_int_equal(sf_close(file), 0);
}

/* Everything in the recording; *opened_ns is the moment before it was opened. */
static void receive(bool pace, int64_t *opened_ns)
{
    write_recording();
    *opened_ns = clock_mono_ns();
    rx_run((struct config_source){.pace = pace}, path, (double)frames / rate_hz);
}

static int tear_down(void **state)
{
    free(samples);
    samples = NULL;
    return rx_tear_down(state);
}

/* As DESIGN has it: sample-accurate. 0.2 ms is a quarter of a bit. */
static void times_are_right_at_every_rate(void **state)
{
    static const unsigned rates[] = {8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000};
    static const double starts_s[] = {0.2, 1.00037, 2.4999, 3.71};
    int64_t opened_ns;
    (void)state;
    add_channel(0, "aprs");
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        double length_s = 0;
        start(rates[r], 1, 5);
        for (size_t i = 0; i < 4; i++)
            length_s = send("N0CALL-9>APZATL:>on the way", 0, starts_s[i], 0.5);
        receive(false, &opened_ns);
        assert_int_equal(rx.heard_count, 4);
        for (size_t i = 0; i < 4; i++) {
            assert_float_equal(rx.heard[i].time_s, starts_s[i], 2e-4);
            assert_float_equal(rx.heard[i].duration_s, length_s, 2e-3);
            assert_true(fabsf(rx.heard[i].rssi_dbfs + 6.02F) < 0.5F);
            assert_true(fabsf(rx.heard[i].peak - 0.5F) < 0.05F);
            assert_true(fabsf(rx.heard[i].offset_hz) < 5);
            assert_true(rx.heard[i].copies > 1);
        }
    }
}

/* The noise of a silent receiver is not silence: times hold with it, too. */
static void noise_moves_times_by_less_than_a_millisecond(void **state)
{
    int64_t opened_ns;
    unsigned noise = 1;
    (void)state;
    add_channel(0, "aprs");
    start(22050, 1, 5);
    for (int i = 0; i < 4; i++)
        send("N0CALL-9>APZATL:>on the way", 0, 0.3 + i * 1.1, 0.2);
    for (size_t i = 0; i < frames; i++)
        samples[i] += ((float)((noise = noise * 1664525 + 1013904223) >> 8) / 8388608.0F - 1.0F) * 0.1F;
    receive(false, &opened_ns);
    assert_int_equal(rx.heard_count, 4);
    for (int i = 0; i < 4; i++) {
        assert_true(fabs(rx.heard[i].time_s - (0.3 + i * 1.1)) < 1e-3);
        assert_true(isfinite(rx.heard[i].snr_db) && rx.heard[i].snr_db > 8 && rx.heard[i].snr_db < 30);
    }
}

static void a_paced_file_runs_by_the_clock(void **state)
{
    int64_t opened_ns;
    (void)state;
    add_channel(0, "aprs");
    start(48000, 1, 1.6);
    send("N0CALL-9>APZATL:>one", 0, 0.25, 0.5);
    send("N0CALL-9>APZATL:>two", 0, 0.9, 0.5);
    receive(true, &opened_ns);
    assert_int_equal(rx.heard_count, 2);
    assert_true(rx.heard[0].mono_ns - opened_ns >= 250000000 && rx.heard[0].mono_ns - opened_ns < 350000000);
    /* Between bursts nothing of the machine's load may show. */
    assert_true(llabs(rx.heard[1].mono_ns - rx.heard[0].mono_ns - 650000000) < 1000000);
    for (int i = 0; i < 2; i++) {
        assert_true(rx.heard[i].heard_mono_ns > rx.heard[i].mono_ns);
        assert_true(clock_mono_ns() >= rx.heard[i].heard_mono_ns);
    }
}

/* The same radio on two lanes is one hearing, and the clearer lane's. */
static void copies_on_two_channels_are_one(void **state)
{
    int64_t opened_ns;
    (void)state;
    add_channel(0, "north");
    add_channel(1, "south");
    start(22050, 2, 3);
    send("N0CALL-9>APZATL:>both", 0, 0.5, 0.02);
    send("N0CALL-9>APZATL:>both", 1, 0.5, 0.4);
    send("N0CALL-7>APZATL:>one", 0, 1.5, 0.4);
    send("N0CALL-5>APZATL:>other", 1, 1.5, 0.4);
    unsigned noise = 7;
    for (size_t i = 0; i < frames * 2; i++)
        samples[i] += ((float)((noise = noise * 1664525 + 1013904223) >> 8) / 8388608.0F - 1.0F) * 0.005F;
    receive(false, &opened_ns);
    assert_int_equal(rx.heard_count, 3);
    assert_string_equal(rx.heard[0].channel, "south");
    assert_string_equal(rx.heard[1].channel,
                        strcmp(rx.heard[1].message.unit, "N0CALL-7") ? "south" : "north");
    assert_true(strcmp(rx.heard[1].message.unit, rx.heard[2].message.unit) != 0);
}

/* A radio that says the same twice has said it twice, 10 ms apart too, and even with nothing but a shared
 * flag between. */
static void identical_bursts_in_a_row_are_two(void **state)
{
    int64_t opened_ns;
    (void)state;
    add_channel(0, "aprs");
    start(48000, 1, 3);
    double length_s = send("N0CALL-9>APZATL:>again", 0, 0.5, 0.5);
    double second_s = 0.5 + length_s + 16 * bit_s + 0.01 + (RX_PREAMBLE_BITS - 8) * bit_s;
    send("N0CALL-9>APZATL:>again", 0, second_s, 0.5);
    receive(false, &opened_ns);
    assert_int_equal(rx.heard_count, 2);
    assert_float_equal(rx.heard[1].time_s, second_s, 1e-3);
    assert_true(rx.heard[0].dedupe == rx.heard[1].dedupe);
}

/* A digipeater's copy comes later and with another path: a hearing of its own of the same message. */
static void a_digipeated_copy_is_another_hearing_of_the_same(void **state)
{
    int64_t opened_ns;
    (void)state;
    add_channel(0, "aprs");
    start(22050, 1, 3);
    send("N0CALL-9>APZATL,WIDE1-1:>hello", 0, 0.5, 0.5);
    send("N0CALL-9>APZATL,SONORA*,WIDE1*:>hello", 0, 1.5, 0.5);
    send("N0CALL-9>APZATL,WIDE1-1:>hallo", 0, 2.3, 0.5);
    receive(false, &opened_ns);
    assert_int_equal(rx.heard_count, 3);
    assert_true(rx.heard[0].dedupe == rx.heard[1].dedupe);
    assert_true(rx.heard[0].dedupe != rx.heard[2].dedupe);
    assert_true(rx.heard[0].message.raw_length != rx.heard[1].message.raw_length);
}

/* What an FM receiver with de-emphasis makes of everything in the recording, noise as strong as the carrier
 * in 10 kHz. */
static void send_by_radio(void)
{
    const struct fm_transmitter_settings sender = {
        .rate_hz = rate_hz, .deviation_hz = 3000, .pre_emphasis = true};
    const struct fm_receiver_settings settings = {
        .rate_hz = rate_hz, .if_width_hz = 15000, .full_scale_hz = 12000, .de_emphasis = true};
    struct fm_transmitter transmitter;
    struct fm_receiver *receiver = NULL;
    struct impair_random random;
    float complex *iq = calloc(frames, sizeof *iq);
    assert_non_null(iq);
    fm_transmitter_create(&transmitter, &sender);
    fm_transmitter_execute(&transmitter, samples, frames, iq);
    impair_random_seed(&random, 3);
    impair_add_noise_iq(&random, iq, frames, impair_cnr_sigma(rate_hz, WEAK_CNR_DB));
    assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_OK);
    fm_receiver_execute(receiver, iq, frames, samples);
    fm_receiver_destroy(receiver);
    free(iq);
}

/* Off the regained carrier it is read a second later, which this recording does not have. */
static void a_weak_burst_at_the_end_is_read(void **state)
{
    int64_t opened_ns;
    (void)state;
    add_channel(0, "one");
    start(48000, 1, 1.2);
    double length_s = send("N0CALL-7>APZATL:>all well", 0, 0.6, 0.5);
    frames = (size_t)((0.6 + length_s) * rate_hz);
    send_by_radio();
    receive(false, &opened_ns);
    assert_int_equal(rx.heard_count, 1);
    assert_float_equal(rx.heard[0].time_s, 0.601, 0.001); /* the IF filter delays */
    assert_float_equal(rx.heard[0].duration_s, length_s, 0.002);
}

static void a_lane_that_is_not_there_stays_silent(void **state)
{
    int64_t opened_ns;
    (void)state;
    add_channel(3, "nowhere");
    add_channel(0, "aprs");
    start(22050, 1, 1.5);
    send("N0CALL-9>APZATL:>hello", 0, 0.5, 0.5);
    receive(false, &opened_ns);
    assert_int_equal(rx.heard_count, 1);
    assert_string_equal(rx.heard[0].channel, "aprs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(times_are_right_at_every_rate, rx_set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_moves_times_by_less_than_a_millisecond, rx_set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_paced_file_runs_by_the_clock, rx_set_up, tear_down),
        cmocka_unit_test_setup_teardown(copies_on_two_channels_are_one, rx_set_up, tear_down),
        cmocka_unit_test_setup_teardown(identical_bursts_in_a_row_are_two, rx_set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_digipeated_copy_is_another_hearing_of_the_same, rx_set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_weak_burst_at_the_end_is_read, rx_set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lane_that_is_not_there_stays_silent, rx_set_up, tear_down),
    };
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
