/* SPDX-License-Identifier: Apache-2.0 */
/* The engineer's view: what the model remembers, what a screen shows of it, how little goes over a slow line,
 * and what becomes of a gateway's documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../../gateway/listen/remote.h"
#include "../../../gateway/listen/screen.h"

static struct listen_model model;
static struct screen screen, shown;
static char bytes[SCREEN_BYTES_MAX];

static int fresh(void **state)
{
    (void)state;
    listen_reset(&model);
    memset(&shown, 0, sizeof shown);
    return 0;
}

static const char *row_with(const char *text)
{
    for (unsigned i = 0; i < screen.rows; i++)
        if (strstr(screen.line[i], text))
            return screen.line[i];
    return NULL;
}

static void draw(void)
{
    screen_draw(&screen, &model, 24, 80, false, false);
    assert_int_equal(screen.rows, 24);
}

static void a_row_tells_level_peak_noise_and_who(void **state)
{
    static struct reception reception;
    (void)state;
    struct listen_channel *channel = listen_channel(&model, "aprs");
    channel->frequency_hz = 144.39e6;
    listen_level(&model, channel, true, -24, -60);
    model.now_s = 1;
    listen_level(&model, channel, true, -42, -60);
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    strcpy(reception.message.unit, "N0CALL-7");
    strcpy(reception.channel, "aprs");
    reception.snr_db = 17.2F;
    reception.offset_hz = -140;
    reception.deviation_hz = 2870;
    assert_int_equal(message_add_text(&reception.message, "status", "on\033[2J foot", 11), ATALAYA_OK);
    listen_hear_reception(&model, &reception);
    const struct activity activity = {.state = ACTIVITY_ENDED,
                                      .channel = "aprs",
                                      .frequency_hz = 144.39e6,
                                      .snr_db = 30,
                                      .offset_hz = -138,
                                      .bursts = 1};
    listen_hear_activity(&model, &activity);
    listen_level(&model, channel, true, -42, -60);
    draw();
    const char *row = row_with("aprs ");
    assert_string_equal(
        row, "aprs       144.39000 [#####:###..|....]*   -42  -60  17  -138 2.9    1    1 N0CALL-7 0 s");
    assert_non_null(
        row_with("aprs N0CALL-7 ax25 on?[2J foot")); /* no escape from the air reaches the terminal */
    model.now_s = 5;                                 /* the peak is held for 3 s */
    listen_level(&model, channel, false, -59, -60);
    draw();
    assert_non_null(row_with("[#####:#.........] "));
}

static void clipping_is_marked_and_goes_away(void **state)
{
    (void)state;
    listen_level(&model, listen_channel(&model, "a"), false, -50, -60);
    listen_peak(&model, 1.0F);
    draw();
    assert_non_null(row_with("CLIPPING"));
    assert_non_null(row_with("]!"));
    model.now_s = 10;
    listen_peak(&model, 0.4F);
    draw();
    assert_null(row_with("CLIPPING"));
    assert_non_null(row_with("peak 0.40"));
}

static void the_spectrum_shows_a_carrier_and_remembers_it(void **state)
{
    float power[2048];
    (void)state;
    for (int i = 0; i < 2048; i++)
        power[i] = 1e-8F;
    power[1024] = 1e-3F;
    listen_spectrum(&model, power, 2048, 64, 144e6, 146e6);
    power[1024] = 1e-8F;
    listen_spectrum(&model, power, 2048, 64, 144e6, 146e6);
    draw();
    assert_non_null(row_with("144.000000"));
    assert_non_null(row_with("146.000000"));
    const char *past = NULL;
    for (unsigned i = 0; i < screen.rows && !past; i++)
        past = strchr(screen.line[i], '@') ? screen.line[i] : NULL;
    assert_non_null(past);
    assert_int_equal(strchr(past, '@') - past, 32);
    listen_spectrum(&model, power, 2048, 64, 145e6, 147e6); /* tuned: the past is elsewhere */
    assert_int_equal(model.waterfall_count, 0);
}

static void only_what_changed_is_sent(void **state)
{
    (void)state;
    struct listen_channel *a = listen_channel(&model, "alpha");
    (void)listen_channel(&model, "bravo");
    listen_level(&model, a, false, -50, -60);
    draw();
    size_t first = screen_update(&shown, &screen, bytes);
    bytes[first] = '\0';
    assert_non_null(strstr(bytes, "alpha"));
    assert_non_null(strstr(bytes, "bravo"));
    draw();
    assert_int_equal(screen_update(&shown, &screen, bytes), 0);
    listen_level(&model, a, false, -44, -60);
    draw();
    size_t second = screen_update(&shown, &screen, bytes);
    bytes[second] = '\0';
    assert_non_null(strstr(bytes, "alpha"));
    assert_null(strstr(bytes, "bravo"));
    assert_true(second < 120);
}

/* A line longer than the screen would wrap and push everything down. */
static void long_lines_are_cut_and_many_channels_counted(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) {
        char name[32];
        snprintf(name, sizeof name, "channel-%d", i);
        (void)listen_channel(&model, name);
    }
    memset(model.title, 'x', sizeof model.title - 1);
    draw();
    size_t length = screen_update(&shown, &screen, bytes);
    bytes[length] = '\0';
    assert_non_null(strstr(bytes, "\033[1;1Hxxx"));
    assert_int_equal(strspn(strstr(bytes, "xxx"), "x"), 80);
    assert_non_null(row_with("more channels"));
    for (int i = 0; i < 200; i++)
        listen_say(&model, "line %d", i);
    assert_string_equal(model.heard[0], "line 199");
    assert_int_equal(model.heard_count, LISTEN_HEARD_MAX);
}

static void a_gateways_documents_fill_the_same_rows(void **state)
{
    char line[LISTEN_TEXT_MAX];
    const char info[] = "{\"channels\":[{\"name\":\"patrol\",\"source\":\"dongle\",\"frequency_hz\":"
                        "145250000,\"protocols\":[]}]}";
    const char began[] =
        "{\"channel\":\"patrol\",\"state\":\"began\",\"rssi_dbfs\":-31.2,\"floor_dbfs\":-58}";
    const char rx[] = "{\"channel\":\"patrol\",\"unit\":\"patrol-1\",\"protocol\":\"mdc1200\",\"snr_db\":21."
                      "3,\"meaning\":\"ptt_begin\"}";
    const char ended[] = "{\"channel\":\"patrol\",\"state\":\"ended\",\"duration_s\":3.5,\"rssi_dbfs\":-31.2,"
                         "\"floor_dbfs\":-58,"
                         "\"offset_hz\":300,\"units\":[\"patrol-1\"],\"frequency_hz\":145250000}";
    const char health[] =
        "{\"well\":false,\"sources\":[{\"name\":\"dongle\",\"state\":\"gone\",\"lost_frames\":77}],"
        "\"faults\":[{\"kind\":\"noise_fallen\",\"channel\":\"patrol\"}]}";
    (void)state;
    assert_false(listen_hear_document(&model, false, "site/sasabe/info", info, sizeof info - 1, line));
    assert_int_equal(model.channel_count, 1);
    assert_false(
        listen_hear_document(&model, false, "site/sasabe/activity/patrol", began, sizeof began - 1, line));
    assert_true(model.channels[0].open);
    assert_true(listen_hear_document(&model, false, "site/sasabe/rx", rx, sizeof rx - 1, line));
    assert_string_equal(line, "patrol patrol-1 mdc1200 ptt_begin");
    assert_true(
        listen_hear_document(&model, false, "site/sasabe/activity/patrol", ended, sizeof ended - 1, line));
    assert_string_equal(line, "patrol on the air for 3.5 s, -31 dBFS, patrol-1");
    assert_false(listen_hear_document(&model, false, "site/sasabe/health", health, sizeof health - 1, line));
    draw();
    assert_non_null(row_with("not well: dongle gone patrol noise_fallen"));
    assert_non_null(row_with("lost 77"));
    assert_non_null(row_with("patrol     145.25000"));
    assert_true(listen_hear_document(&model, true, "site/nogales/rx", rx, sizeof rx - 1, line));
    draw();
    assert_non_null(row_with("nogales/pa"));
    assert_false(listen_hear_document(&model, true, "site/nogales/rx", "{]", 2, line));
    assert_false(listen_hear_document(&model, true, "elsewhere", rx, sizeof rx - 1, line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_row_tells_level_peak_noise_and_who, fresh),
        cmocka_unit_test_setup(clipping_is_marked_and_goes_away, fresh),
        cmocka_unit_test_setup(the_spectrum_shows_a_carrier_and_remembers_it, fresh),
        cmocka_unit_test_setup(only_what_changed_is_sent, fresh),
        cmocka_unit_test_setup(long_lines_are_cut_and_many_channels_counted, fresh),
        cmocka_unit_test_setup(a_gateways_documents_fill_the_same_rows, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
