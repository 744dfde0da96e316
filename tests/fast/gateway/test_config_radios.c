/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration must say about software radios, and what is told where it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/config.h"

static char complaints[4096];

static void on_complaint(void *context, bool is_error, const char *place, const char *text)
{
    size_t used = strlen(complaints);
    (void)context;
    snprintf(complaints + used, sizeof complaints - used, "%s%s: %s\n", is_error ? "" : "warning: ", place,
             text);
}

static struct config *parse(const char *source)
{
    char text[2048];
    struct config *config = NULL;
    complaints[0] = '\0';
    snprintf(text, sizeof text, "site { id = \"sasabe\" allow_list = false }\n%s\n", source);
    enum atalaya_result result = config_parse(text, strlen(text), "test.conf", &config, on_complaint, NULL);
    assert_true((result == ATALAYA_OK) == (config != NULL));
    return config;
}

#define CHANNEL "channel \"a\" { protocols = {\"ax25\"} frequency_hz = 144.39e6 } }"

static void every_key_is_read(void **state)
{
    (void)state;
    struct config *config =
        parse("source \"band\" { type = soapy device = \"driver=rtlsdr\" serial_number = \"00000007\" "
              "rate_hz = 1.2e6 "
              "centre_hz = 144.5e6 gain_db = 32 gains = {\"LNA=20\", \"VGA=-3\"} ppm = -1.5 bias_tee = true "
              "antenna = \"RX\" format = cs16 " CHANNEL);
    assert_non_null(config);
    const struct config_source *source = &config->source[0];
    assert_int_equal(source->type, SOURCE_SOAPY);
    assert_string_equal(source->serial_number, "00000007");
    assert_true(fabs(source->gain_db - 32) < 1e-9 && fabs(source->ppm + 1.5) < 1e-9 && source->bias_tee);
    assert_int_equal(source->gain_count, 2);
    assert_string_equal(source->gains[1], "VGA=-3");
    assert_string_equal(source->antenna, "RX");
    assert_int_equal(source->format, SAMPLE_CS16);
    config_free(config);
    config = parse("source \"net\" { type = rtl_tcp rate_hz = 2400000 centre_hz = 144.5e6 " CHANNEL);
    assert_non_null(config);
    assert_true(isnan(config->source[0].gain_db));
    assert_null(strstr(complaints, "source 'net'"));
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
        assert_null(parse(text));
        assert_non_null(strstr(complaints, wrong[i].complaint));
    }
    struct config *config = parse("source \"net\" { type = rtl_tcp rate_hz = 2400000 centre_hz = 144.5e6 "
                                  "gains = {\"LNA=20\"} " CHANNEL);
    assert_non_null(config);
    assert_non_null(strstr(complaints, "warning: test.conf:2: source 'net': gains of stages"));
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(what_cannot_work_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
