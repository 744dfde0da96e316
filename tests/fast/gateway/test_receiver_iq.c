/* SPDX-License-Identifier: Apache-2.0 */
/* The whole receive path on recordings of complex baseband: every form of file, every channel, the right
 * time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/modem.h"
#include "rx_rig.h"

#define CENTRE_HZ 144.8e6

static const double bit_s = 1 / 1200.0;
static char folder[] = "/tmp/atalaya-iq-XXXXXX", path[200];

/* The recording in the making. */
static float complex *band;
static size_t samples;
static double rate_hz;

static int tear_down(void **state)
{
    free(band);
    band = NULL;
    return rx_tear_down(state);
}

static void start(double rate, double seconds)
{
    free(band);
    rate_hz = rate;
    samples = (size_t)(seconds * rate);
    band = calloc(samples, sizeof *band);
    assert_non_null(band);
}

/* Sends on `offset_hz` from the centre so that the message's eighth bit before its first (of AX.25 the
 * opening flag) begins at time_s. */
static void send_as(const char *protocol, const char *modem_id, const char *text, double offset_hz,
                    double time_s, float amplitude)
{
    static uint8_t bits[RX_BITS_MAX];
    const struct modem_class *modem = modem_find(modem_id)->class;
    size_t count = rx_line_bits(protocol, text, bits, RX_BITS_MAX);
    size_t need = modem->modulate_length(rate_hz, count);
    size_t at = (size_t)llround((time_s - (RX_PREAMBLE_BITS - 8) * bit_s) * rate_hz);
    float *audio = calloc(need, sizeof *audio);
    float complex *iq = calloc(need, sizeof *iq);
    assert_true(at + need <= samples);
    assert_true(modem->modulate(rate_hz, bits, count, audio, need) == need);
    const struct fm_transmitter_settings settings = {
        .rate_hz = rate_hz, .deviation_hz = 3000.0, .carrier_hz = offset_hz};
    struct fm_transmitter transmitter;
    fm_transmitter_create(&transmitter, &settings);
    fm_transmitter_execute(&transmitter, audio, need, iq);
    for (size_t i = 0; i < need; i++)
        band[at + i] += amplitude * iq[i];
    free(audio);
    free(iq);
}

static void send(const char *text, double offset_hz, double time_s, float amplitude)
{
    send_as("ax25", "bell202", text, offset_hz, time_s, amplitude);
}

static void add_channel(double frequency_hz, const char *name)
{
    rx_add_channel(name)->frequency_hz = frequency_hz;
}

static void bytes_write(const char *name, const void *bytes, size_t size)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* One number in the form of `format`; returns its bytes. */
static size_t put_number(enum config_sample_format format, float value, uint8_t *to)
{
    int16_t whole = (int16_t)lrintf(value * 32767.0F);
    switch (format) {
    case SAMPLE_CU8:
        to[0] = (uint8_t)lrintf(value * 127.0F + 127.5F);
        return 1;
    case SAMPLE_CS8:
        to[0] = (uint8_t)(int8_t)lrintf(value * 127.0F);
        return 1;
    case SAMPLE_CS16:
        to[0] = (uint8_t)(uint16_t)whole;
        to[1] = (uint8_t)((uint16_t)whole >> 8);
        return 2;
    default:
        memcpy(to, &value, sizeof value); /* the machine of the tests is little-endian */
        return sizeof value;
    }
}

static void write_raw(const char *name, enum config_sample_format format)
{
    uint8_t *bytes = malloc(samples * 2 * sizeof(float));
    size_t size = 0;
    assert_non_null(bytes);
    for (size_t i = 0; i < samples; i++) {
        size += put_number(format, crealf(band[i]), bytes + size);
        size += put_number(format, cimagf(band[i]), bytes + size);
    }
    bytes_write(name, bytes, size);
    free(bytes);
}

static void write_wav(void)
{
    SF_INFO info = {.samplerate = (int)rate_hz, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
    snprintf(path, sizeof path, "%s/iq.wav", folder);
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    assert_non_null(file);
    assert_int_equal(sf_writef_float(file, (const float *)(const void *)band, (sf_count_t)samples),
                     (sf_count_t)samples);
    assert_int_equal(sf_close(file), 0);
}

static void receive(struct config_source settings)
{
    rx_run(settings, path, (double)samples / rate_hz);
}

static const struct reception *heard_of(const char *channel)
{
    const struct reception *found = NULL;
    for (unsigned i = 0; i < rx.heard_count; i++)
        if (strcmp(rx.heard[i].channel, channel) == 0) {
            assert_null(found);
            found = &rx.heard[i];
        }
    assert_non_null(found);
    return found;
}

/* FFSK and tones, one after the other, from the one discriminator of their channel: each with its figures. */
static void sounds_are_heard_with_the_figures_of_the_radio_channel(void **state)
{
    (void)state;
    start(48000, 3.0);
    send_as("mdc1200", "ffsk1200", "0180 1234", 700.0, 0.4, 0.5F);
    send_as("select5", "tones", "zvei1 12345", -400.0, 1.5, 0.25F);
    add_channel((double)NAN, "middle");
    rx.config->channel[0].protocol_count = 2;
    strcpy(rx.config->channel[0].protocols[0], "mdc1200");
    strcpy(rx.config->channel[0].protocols[1], "select5");
    write_raw("raw", SAMPLE_CS16);
    receive((struct config_source){.format = SAMPLE_CS16, .rate_hz = 48000, .centre_hz = CENTRE_HZ});
    assert_int_equal(rx.heard_count, 2);
    assert_string_equal(rx.heard[0].modem, "ffsk1200");
    assert_true(fabs((double)rx.heard[0].offset_hz - 700.0) < 50.0);
    assert_true(fabs((double)rx.heard[0].deviation_hz - 3000.0) < 300.0);
    assert_true(fabs((double)rx.heard[0].rssi_dbfs + 6.0) < 0.5);
    assert_true(fabs(rx.heard[0].time_s - 0.4) < 8.5 * bit_s);
    assert_string_equal(rx.heard[1].modem, "tones");
    assert_true(fabs((double)rx.heard[1].offset_hz + 400.0) < 100.0);
    assert_true(fabs((double)rx.heard[1].rssi_dbfs + 12.0) < 0.5);
    assert_true(isnan(rx.heard[1].deviation_hz));
    assert_true(fabs(rx.heard[1].time_s - 1.5) < 0.1);
}

static void every_form_of_recording_is_read(void **state)
{
    static const char meta[] =
        "{\"global\":{\"core:datatype\":\"cu8\",\"core:sample_rate\":48000,\"core:version\":\"1.0.0\"},"
        "\"captures\":[{\"core:sample_start\":0,\"core:frequency\":144800000}],\"annotations\":[]}";
    static const enum config_sample_format forms[] = {SAMPLE_CU8, SAMPLE_CS8, SAMPLE_CS16, SAMPLE_CF32};
    (void)state;
    start(48000, 1.0);
    send("N0CALL-9>APZATL:>hello", 0.0, 0.3, 0.5F);
    add_channel((double)NAN, "middle");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        write_raw("raw", forms[i]);
        receive((struct config_source){.format = forms[i], .rate_hz = 48000, .centre_hz = CENTRE_HZ});
        const struct reception *burst = heard_of("middle");
        assert_true(fabs(burst->time_s - 0.3) < 1e-3);
        assert_true(fabs(burst->frequency_hz - (CENTRE_HZ)) < 1e-3);
        assert_true(fabs((double)burst->offset_hz) < 30.0);
        assert_true(fabs((double)burst->rssi_dbfs + 6.0) < 0.5);
    }
    write_wav();
    receive((struct config_source){.iq = true});
    assert_true(isnan(heard_of("middle")->frequency_hz));
    bytes_write("it.sigmf-meta", meta, sizeof meta - 1);
    write_raw("it.sigmf-data", SAMPLE_CU8);
    receive((struct config_source){.centre_hz = (double)NAN});
    assert_true(fabs(heard_of("middle")->frequency_hz - (CENTRE_HZ)) < 1e-3);
    bytes_write("it.sigmf-meta", "{\"global\":{}}", 13);
    struct source *source;
    struct config_source settings = {.name = "broken", .type = SOURCE_FILE};
    snprintf(settings.path, sizeof settings.path, "%s", path);
    assert_int_equal(source_open(&settings, &source), ATALAYA_E_FORMAT);
}

/* Bursts on several channels, some at once, of radios that are off their frequency. */
static void every_channel_is_heard_at_its_time(void **state)
{
    enum { CHANNELS = 12 };
    static const double off_hz[] = {0.0, 1500.0, 500.0, -1500.0};
    (void)state;
    char text[80], name[16];
    start(250e3, 1.2);
    for (int i = 0; i < CHANNELS; i++) {
        snprintf(text, sizeof text, "N0CALL-%d>APZATL:>channel %d", i % 16, i);
        snprintf(name, sizeof name, "c%d", i);
        send(text, (i - 5.5) * 12500.0 + off_hz[i % 4], 0.3 + 0.0313 * i, 0.07F);
        add_channel(CENTRE_HZ + (i - 5.5) * 12500.0, name);
    }
    write_raw("band", SAMPLE_CU8);
    receive((struct config_source){.format = SAMPLE_CU8, .rate_hz = 250e3, .centre_hz = CENTRE_HZ});
    assert_int_equal(rx.heard_count, CHANNELS);
    for (int i = 0; i < CHANNELS; i++) {
        snprintf(name, sizeof name, "c%d", i);
        snprintf(text, sizeof text, "channel %d", i);
        const struct reception *burst = heard_of(name);
        assert_string_equal(message_text(&burst->message, "status", NULL), text);
        assert_true(fabs(burst->time_s - (0.3 + 0.0313 * i)) < 1e-3);
        assert_true(fabs(burst->frequency_hz - (CENTRE_HZ + (i - 5.5) * 12500.0)) < 1e-3);
        assert_true(fabs((double)burst->offset_hz - off_hz[i % 4]) < 100.0);
        assert_true(fabs((double)burst->rssi_dbfs - 20.0 * log10(0.07)) < 1.0);
    }
}

/* One channel far off the middle of a wide and of a narrow band, and one outside of it. */
static void one_channel_is_heard_at_every_rate(void **state)
{
    static const struct {
        double rate_hz, offset_hz;
    } cases[] = {{1.2e6, -406250.0}, {1000003.0, 123456.7}, {96000.0, 25000.0}, {24000.0, -2000.0},
                 {22050.0, 0.0},     {16000.0, 0.0},        {12500.0, 0.0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rx.config->channel_count = 0;
        start(cases[i].rate_hz, 0.85);
        send("N0CALL-9>APZATL:>hello", cases[i].offset_hz, 0.25, 0.5F);
        add_channel(CENTRE_HZ + cases[i].offset_hz, "one");
        add_channel(CENTRE_HZ + 10e6, "outside");
        write_raw("band", SAMPLE_CS16);
        receive((struct config_source){
            .format = SAMPLE_CS16, .rate_hz = cases[i].rate_hz, .centre_hz = CENTRE_HZ});
        assert_true(fabs(heard_of("one")->time_s - 0.25) < 1e-3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sounds_are_heard_with_the_figures_of_the_radio_channel, rx_set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(every_form_of_recording_is_read, rx_set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_channel_is_heard_at_its_time, rx_set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_channel_is_heard_at_every_rate, rx_set_up, tear_down),
    };
    if (mkdtemp(folder) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(path, sizeof path, "rm -rf %s", folder);
    return system(path) != 0 || failed;
}
