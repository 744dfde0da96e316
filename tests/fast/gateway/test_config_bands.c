/* SPDX-License-Identifier: Apache-2.0 */
/* A band of radio channels in the configuration: what is taken, and what is refused with words that help. */
#include "config_text.h"

#include <math.h>
#include <stdio.h>

static const char *with(const char *source)
{
    static char text[2000];
    (void)snprintf(text, sizeof text,
                   "site { id = sasabe }\nbroker \"hq\" { host = localhost }\nsource \"band\" { %s }\n",
                   source);
    return text;
}

static void a_band_and_its_channels_arrive(void **state)
{
    (void)state;
    struct config *config = config_accept(
        with("type = file path = /x/band.cu8 format = cu8 rate_hz = 2400000 centre_hz = 144800000 "
             "channel \"a\" { protocols = {\"ax25\"} frequency_hz = 144390000 } "
             "channel \"b\" { protocols = {\"ax25\"} }"));
    assert_int_equal(config->source[0].format, SAMPLE_CU8);
    assert_true(config->source[0].centre_hz > 144.7e6 && config->channel[0].frequency_hz < 144.4e6);
    assert_true(isnan(config->channel[1].frequency_hz));
    config_free(config);
    config =
        config_accept(with("type = file path = x.wav iq = true channel \"a\" { protocols = {\"ax25\"} }"));
    assert_true(config->source[0].iq && isnan(config->source[0].centre_hz));
    config_free(config);
    /* 9600 bit/s need more, but 1200 bit/s do not. */
    config_free(config_accept(with("type = alsa rate_hz = 8000 channel \"a\" { protocols = {\"ax25\"} }")));
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const struct {
        const char *source, *words;
    } wrong[] = {
        {"type = stdin format = cu8 rate_hz = 240000 centre_hz = 144800000 "
         "channel \"a\" { protocols = {\"ax25\"} frequency_hz = 144390000 }",
         "144.390000 MHz lies outside of the band, 144.686250 to 144.913750 MHz"},
        {"type = stdin format = cs16 channel \"a\" { protocols = {\"ax25\"} frequency_hz = 144390000 }",
         "add centre_hz"},
        {"type = stdin format = cs16 channel \"a\" { protocols = {\"ax25\"} } "
         "channel \"b\" { protocols = {\"ax25\"} }",
         "only one can be the middle"},
        {"type = stdin format = cs16 channel \"a\" { protocols = {\"ax25\"} lane = 1 }",
         "give frequency_hz instead"},
        {"type = alsa rate_hz = 8000 channel \"a\" { protocols = {\"ax25\"} modems = {\"g3ruh9600\"} }",
         "channel 'a': nothing of it can be read at rate_hz = 8000 of source 'band'; give 16000 or more"},
        {"type = stdin rate_hz = 11025 channel \"a\" { protocols = {\"tetrapol\"} }", "16000 or more"},
        {"type = stdin format = cu9 channel \"a\" { protocols = {\"ax25\"} }", "cu8, cs8, cs16, cf32"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        config_refuse(with(wrong[i].source), wrong[i].words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_band_and_its_channels_arrive),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
