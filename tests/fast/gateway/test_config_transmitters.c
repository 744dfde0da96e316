/* SPDX-License-Identifier: Apache-2.0 */
/* Transmitters in the configuration: what is taken, and what is refused with words that help; 406 MHz above
 * all. */
#include "config_text.h"

#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/transmitter.h"

static const char *with(const char *frequency, const char *transmitters)
{
    static char text[3000];
    (void)snprintf(
        text, sizeof text,
        "site { id = sasabe latitude_deg = 31 longitude_deg = -111 }\nbroker \"hq\" { host = localhost }\n"
        "source \"r\" { type = stdin channel \"aprs\" { protocols = {\"ax25\"} %s } "
        "channel \"mdc\" { protocols = {\"mdc1200\"} frequency_hz = 155e6 } }\n%s\n",
        frequency, transmitters);
    return text;
}

static const char fine[] = "frequency_hz = 144390000";

static void a_transmitter_arrives(void **state)
{
    (void)state;
    struct config *config = config_accept(with(
        fine, "transmitter \"out\" { channel = aprs radios = {\"ax25.N0CALL-10\"} ptt = dtr ptt_device = "
              "/dev/ttyUSB0 inhibit = cts }"));
    const struct config_transmitter *out = &config->transmitter[0];
    assert_int_equal(config->transmitter_count, 1);
    assert_int_equal(out->ptt, PTT_DTR);
    assert_string_equal(out->device, "default");
    assert_int_equal(out->inhibit, INHIBIT_CTS);
    assert_true(out->limit_s > 19 && out->limit_s < 21 && out->carrier == CARRIER_SOUND);
    config_free(config);
}

static void what_must_not_be_is_refused(void **state)
{
    static const struct {
        const char *frequency, *transmitter, *words;
    } wrong[] = {
        {"frequency_hz = 406025000", "transmitter \"o\" { channel = aprs radios = {\"ax25.N0CALL-10\"} }",
         "emergency beacons"},
        {"", "transmitter \"o\" { channel = aprs radios = {\"ax25.N0CALL-10\"} }", "needs frequency_hz"},
        {fine, "transmitter \"o\" { channel = nowhere radios = {\"ax25.N0CALL-10\"} }", "that there is not"},
        {fine, "transmitter \"o\" { channel = aprs }", "no name to send under"},
        {fine, "transmitter \"o\" { channel = aprs radios = {\"N0CALL-10\"} }", "no protocol"},
        {fine, "transmitter \"o\" { channel = aprs radios = {\"cospas_sarsat.1\"} }", "no protocol"},
        {fine, "transmitter \"o\" { channel = aprs radios = {\"ax25.N0CALL-10\"} ptt = rts }",
         "keyed by nothing"},
        {fine,
         "transmitter \"o\" { channel = aprs radios = {\"ax25.N0CALL-10\"} ptt = rts ptt_device = /dev/x "
         "ptt_inverted = true }",
         "off when the machine is"},
        {fine, "transmitter \"o\" { channel = aprs radios = {\"ax25.N0CALL-10\"} inhibit = file }",
         "without a place"},
        {fine,
         "transmitter \"o\" { channel = aprs radios = {\"ax25.N0CALL-10\"} }\n"
         "transmitter \"p\" { channel = aprs radios = {\"ax25.N0CALL-10\"} }",
         "one is enough"},
        {fine,
         "transmitter \"o\" { channel = aprs radios = {\"ax25.N0CALL-10\"} ptt = rts ptt_device = /dev/x }\n"
         "transmitter \"p\" { channel = mdc radios = {\"mdc1200.0001\"} ptt = rts ptt_device = /dev/x }",
         "one line"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        config_refuse(with(wrong[i].frequency, wrong[i].transmitter), wrong[i].words);
}

/* It would be found out by whoever calls for help. */
static void an_answer_that_cannot_be_said_is_warned_of(void **state)
{
    (void)state;
    config_warn(with(fine, "answer { acknowledged_text = \"UNA PERSONA LE ATENDERÁ\" }"), "APRS cannot say");
    config_warn(with(fine, "answer { heard_text = \"HEARD {1\" }"), "APRS cannot say");
    config_free(config_accept(with(fine, "answer { heard_text = \"LE OIMOS!\" }")));
    assert_null(strstr(said.text, "APRS"));
}

/* heard = true on a site that cannot say it, and a name under which nothing is ever said. */
static void what_is_asked_for_and_never_happens_is_warned_of(void **state)
{
    static const struct {
        const char *text, *words; /* NULL: nothing to warn of */
    } sites[] = {
        {"answer { heard = true }", ":4: warning: answer has heard = true, but nothing here sends"},
        {"answer { heard = false }", NULL},
        {"answer { heard = true }\ntransmitter \"off\" { radios = {\"ax25.N0CALL-10\"} }",
         "nothing here sends"},
        {"answer { heard = true }\ntransmitter \"out\" { channel = aprs radios = {\"ax25.N0CALL-10\"} ptt = "
         "dtr "
         "ptt_device = /dev/ttyUSB0 }",
         NULL},
        {"answer { heard = true }\nsource \"base\" { type = serial device = \"/dev/ttyS0\" }", NULL},
        {"answer { heard = true }\ntransmitter \"out\" { channel = mdc radios = {\"mdc1200.0001\"} ptt = dtr "
         "ptt_device = /dev/ttyUSB0 }",
         "no transmitter here can say that"},
        {"transmitter \"out\" { channel = mdc radios = {\"ax25.N0CALL-10\"} ptt = dtr ptt_device = "
         "/dev/ttyUSB0 }",
         "no protocol of channel 'mdc' is of these radios"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof sites / sizeof *sites; i++) {
        if (sites[i].words) {
            config_warn(with(fine, sites[i].text), sites[i].words);
            continue;
        }
        config_free(config_accept(with(fine, sites[i].text)));
        assert_null(strstr(said.text, "heard = true"));
    }
}

static void the_program_refuses_406_mhz_by_itself(void **state)
{
    struct config *config = config_accept(
        with(fine, "transmitter \"out\" { channel = aprs radios = {\"ax25.N0CALL-10\"} device = null }"));
    struct transmitter *transmitter = NULL;
    (void)state;
    const struct transmitter_setting setting = {.config = config, .program = "/bin/false"};
    config->channel[0].frequency_hz = 406.028e6; /* whatever the check has said */
    assert_int_equal(transmitter_create(&setting, &transmitter), ATALAYA_E_DENIED);
    assert_null(transmitter);
    config->channel[0].frequency_hz = 144.39e6;
    assert_int_equal(transmitter_create(&setting, &transmitter),
                     ATALAYA_E_IO); /* a keeper that ends at once */
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transmitter_arrives),
        cmocka_unit_test(what_must_not_be_is_refused),
        cmocka_unit_test(an_answer_that_cannot_be_said_is_warned_of),
        cmocka_unit_test(what_is_asked_for_and_never_happens_is_warned_of),
        cmocka_unit_test(the_program_refuses_406_mhz_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
