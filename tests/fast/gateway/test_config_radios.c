/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration must say about software radios, and what is told where it does not. */
#include "config_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *with(const char *source)
{
    static char text[2048];
    (void)snprintf(text, sizeof text, "site { id = \"sasabe\" allow_list = false }\n%s\n", source);
    return text;
}

#define CHANNEL "channel \"a\" { protocols = {\"ax25\"} frequency_hz = 144.39e6 } }"

static void every_key_is_read(void **state)
{
    (void)state;
    struct config *config = config_accept(
        with("source \"band\" { type = soapy device = \"driver=rtlsdr\" serial_number = \"00000007\" "
             "rate_hz = 1.2e6 "
             "centre_hz = 144.5e6 gain_db = 32 gains = {\"LNA=20\", \"VGA=-3\"} ppm = -1.5 bias_tee = true "
             "antenna = \"RX\" format = cs16 " CHANNEL));
    const struct config_source *source = &config->source[0];
    assert_int_equal(source->type, SOURCE_SOAPY);
    assert_string_equal(source->serial_number, "00000007");
    assert_true(fabs(source->gain_db - 32) < 1e-9 && fabs(source->ppm + 1.5) < 1e-9 && source->bias_tee);
    assert_int_equal(source->gain_count, 2);
    assert_string_equal(source->gains[1], "VGA=-3");
    assert_string_equal(source->antenna, "RX");
    assert_int_equal(source->format, SAMPLE_CS16);
    config_free(config);
    config =
        config_accept(with("source \"net\" { type = rtl_tcp rate_hz = 2400000 centre_hz = 144.5e6 " CHANNEL));
    assert_true(isnan(config->source[0].gain_db));
    assert_null(strstr(said.text, "source 'net'"));
    config_free(config);
}

static void what_cannot_work_is_told(void **state)
{
    static const struct {
        const char *source, *complaint;
    } wrong[] = {
        {"type = rtl_tcp rate_hz = 2400000 ", "without centre_hz"},
        {"type = soapy device = \"driver=x\" rate_hz = 2400000 ", "without centre_hz"},
        {"type = soapy rate_hz = 2400000 centre_hz = 144.5e6 ", "names no device"},
        {"type = rtl_tcp centre_hz = 144.5e6 ", "no RTL-SDR has a rate of 48000"},
        {"type = rtl_tcp rate_hz = 500000 centre_hz = 144.5e6 ", "no RTL-SDR has a rate of 500000"},
        {"type = rtl_tcp rate_hz = 240000 centre_hz = 146e6 ", "144.39"},
        {"type = soapy device = \"driver=x\" rate_hz = 2400000 centre_hz = 144.5e6 bias_tee = maybe ",
         "bias_tee"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[512];
        snprintf(text, sizeof text, "source \"band\" { %s" CHANNEL, wrong[i].source);
        config_refuse(with(text), wrong[i].complaint);
    }
    config_warn(with("source \"net\" { type = rtl_tcp rate_hz = 2400000 centre_hz = 144.5e6 gains = "
                     "{\"LNA=20\"} " CHANNEL),
                "t.conf:2: warning: source 'net': gains of stages");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(what_cannot_work_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
