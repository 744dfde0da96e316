/* SPDX-License-Identifier: Apache-2.0 */
/* Where a TNC is: on a serial port or at a TCP port, and what is told where that is not clear. */
#include "config_text.h"

#include <stdio.h>
#include <string.h>

static const char *with(const char *sources)
{
    static char text[2048];
    (void)snprintf(text, sizeof text, "site { id = \"sasabe\" allow_list = false }\n%s\n", sources);
    return text;
}

static void a_tnc_is_at_a_host_and_port_or_at_the_usual_ones(void **state)
{
    static const struct {
        const char *keys, *host;
        unsigned port;
    } cases[] = {
        {"host = \"192.0.2.9\" port = 8100", "192.0.2.9", 8100},
        {"host = \"ridge\"", "ridge", 8001},
        {"port = 8100", "127.0.0.1", 8100},
        {"host = \"::1\"", "::1", 8001},
        {"host = \"fe80::7%eth0\"", "fe80::7%eth0", 8001},
        {"device = \"/dev/ttyUSB0\"", "", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "source \"tnc\" { type = kiss %s }", cases[i].keys);
        struct config *config = config_accept(with(text));
        const struct config_source *source = &config->source[0];
        assert_null(strstr(said.text, "source"));
        assert_string_equal(source->host, cases[i].host);
        assert_int_equal(source->port, cases[i].port);
        assert_int_equal(source->speed_bit_s, *source->host ? 0 : 9600);
        assert_int_equal(config->channel_count, 1);
        assert_string_equal(config->channel[0].protocols[0], "ax25");
        config_free(config);
    }
}

static void what_is_not_clear_is_told(void **state)
{
    static const struct {
        const char *source, *complaint;
    } wrong[] = {
        {"type = kiss ", "source 'tnc' is a TNC without a device; add device = "},
        {"type = kiss device = \"/dev/ttyUSB0\" host = \"ridge\" ", "has a device and a host or port"},
        {"type = kiss device = \"/dev/ttyUSB0\" port = 8001 ", "has a device and a host or port"},
        {"type = kiss host = \"127.0.0.1:8001\" ", "host \"127.0.0.1:8001\" is no name and no address"},
        {"type = kiss host = \"tcp://ridge\" ", "is no name and no address"},
        {"type = kiss host = \"[::1]\" ", "is no name and no address"},
        {"type = kiss host = \"my ridge\" ", "is no name and no address"},
        {"type = kiss host = \"ridge\" port = 65536 ", "port"},
        {"type = serial ", "is a serial port without a device"},
        {"type = serial host = \"ridge\" ", "host and port are for kiss alone"},
        {"type = rtl_tcp host = \"ridge\" rate_hz = 240000 centre_hz = 144.5e6 ",
         "write device = \"host:port\""},
        {"type = kiss device = \"/dev/ttyUSB0\" speed_bit_s = 12 ", "no serial port runs at 12 bit/s"},
        {"type = kiss host = \"ridge\" channel \"p16\" { lane = 16 protocols = {\"ax25\"} }",
         "has lanes 0 to 15"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "source \"tnc\" { %s }", wrong[i].source);
        config_refuse(with(text), wrong[i].complaint);
    }
    config_warn(with("source \"tnc\" { type = kiss host = \"ridge\" speed_bit_s = 9600 }"),
                "t.conf:2: warning: source 'tnc' is no serial port: its speed_bit_s means nothing");
    config_warn(with("source \"card\" { type = alsa port = 8001 channel \"a\" { protocols = {\"ax25\"} } }"),
                "t.conf:2: warning: source 'card' is no TNC: its host and port mean nothing");
}

static void one_tnc_is_one_source(void **state)
{
    (void)state;
    config_refuse(with("source \"a\" { type = kiss port = 8001 }\n"
                       "source \"b\" { type = kiss host = \"127.0.0.1\" }"),
                  "t.conf:3: source 'b' is the TNC of source 'a'");
    config_free(config_accept(with("source \"a\" { type = kiss port = 8001 }\n"
                                   "source \"b\" { type = kiss port = 8100 }\n"
                                   "source \"c\" { type = kiss host = \"ridge\" }")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tnc_is_at_a_host_and_port_or_at_the_usual_ones),
        cmocka_unit_test(what_is_not_clear_is_told),
        cmocka_unit_test(one_tnc_is_one_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
