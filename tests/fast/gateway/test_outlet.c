/* SPDX-License-Identifier: Apache-2.0 */
/* What a broker may not know does not leave: members nobody has judged, places in any form, kinds nobody
 * knows; and what is sealed opens for its readers and for nobody else. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../gateway/outlet/outlet.h"
#include "atalaya/gateway/json.h"

static struct config config;
static char folder[64], path_a[96], path_b[96];

/* Each has everything that a document of any kind may have, and more. */
static const char whole[] =
    "{\"v\":1,\"id\":\"s-1-2\",\"site\":\"s\",\"seq\":2,\"boot\":1,\"time\":\"t\",\"time_ms\":5,"
    "\"time_source\":\"gps\",\"delayed\":false,\"priority\":\"routine\",\"test\":false,\"auth\":\"none\","
    "\"unit\":\"patrol-1\",\"radio\":\"ax25.N0CALL-7\",\"unit_known\":true,\"crew\":\"Patrol 1\","
    "\"protocol\":\"ax25\",\"kind\":\"position\",\"to\":\"DISPATCH\",\"channel\":\"aprs\","
    "\"lat_deg\":31.483512,\"lon_deg\":-111.533711,\"accuracy_m\":9.5,\"alt_m\":1123.4,\"speed_m_s\":1.2,"
    "\"course_deg\":77.5,\"age_s\":3,\"origin\":\"radio\",\"raw\":\"82a0\",\"dedupe\":\"00ff\","
    "\"incident\":\"0123456789abcdef\",\"text\":\"at 31.483512 -111.533711\",\"comment\":\"31.483512\","
    "\"status\":\"31.483512\",\"object\":\"31.48351\",\"destination\":\"SQ2X5R\",\"path\":[\"31.483512\"],"
    "\"not_live_lat_deg\":31.483512,\"rssi_dbfs\":-30.5,\"snr_db\":20.5,\"offset_hz\":12,\"peak\":0.4,"
    "\"time_s\":1.5,\"weather\":{\"lat\":31.483512},\"saguaro\":31.483512,\"duration_s\":0.5,"
    "\"position\":{\"lat_deg\":31.483512,\"lon_deg\":-111.533711,\"alt_m\":1123.4,\"accuracy_m\":9.5,"
    "\"speed_m_s\":1.2,\"course_deg\":77.5,\"origin\":\"radio\",\"age_s\":3,\"grid\":\"31.483512\"},"
    "\"track\":[{\"lat_deg\":31.483512,\"lon_deg\":-111.533711,\"accuracy_m\":9.5,\"time_ms\":5},"
    "{\"lat_deg\":31.483599,\"lon_deg\":-111.533799,\"time_ms\":6},\"31.483512\"],"
    "\"details\":{\"lat\":31.483512},\"alert_text\":\"31.483512\",\"reason\":\"text: HELP\","
    "\"state\":\"raised\",\"audit\":{\"n\":3,\"hash\":\"ab\"},\"history\":[{\"by\":\"Ana\"}]}";

static struct outlet *make(double precision_m, bool distress_too)
{
    struct outlet *outlet;
    config.broker_count = 1;
    config.broker[0].position_precision_m = precision_m;
    config.broker[0].coarse_distress = distress_too;
    assert_int_equal(outlet_create(&config, 0, &outlet), ATALAYA_OK);
    return outlet;
}

static void seal_to(unsigned centres, unsigned sites)
{
    config.broker[0].seal_to_count = centres;
    config.broker[0].seal_calls_to_count = sites;
    for (unsigned i = 0; i < centres; i++)
        strcpy(config.broker[0].seal_to[i], config.reader[0].name);
    for (unsigned i = 0; i < sites; i++)
        strcpy(config.broker[0].seal_calls_to[i], config.reader[1].name);
}

static void nothing_exact_is_left(const char *text)
{
    static const char *const forms[] = {"31.4835",    "111.5337",  "1123",    "1.2,",   "77.5",
                                        "82a0",       "00ff",      "abcdef",  "SQ2X5R", "30.5",
                                        "saguaro\":", "\"text\":", "\"hash\""};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strstr(text, forms[i]))
            fail_msg("'%s' is in %s", forms[i], text);
}

static void coarse_documents_hold_what_is_harmless_alone(void **unused)
{
    (void)unused;
    static const char *const kinds[] = {"position/u", "message/u", "unit/u", "activity/c", "distress/d"};
    seal_to(0, 0);
    struct outlet *outlet = make(1000, true);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char topic[64];
        struct outlet_parcel parcel;
        snprintf(topic, sizeof topic, "site/s/%s", kinds[i]);
        assert_int_equal(outlet_pack(outlet, topic, whole, strlen(whole), &parcel), OUTLET_SEND);
        assert_string_equal(parcel.topic, topic);
        nothing_exact_is_left(parcel.payload);
        json_t *object = json_loadb(parcel.payload, parcel.length, 0, NULL);
        assert_string_equal(json_string_value(json_object_get(object, "id")), "s-1-2");
        assert_true(fabs(json_number_value(json_object_get(object, "lat_deg")) - 31.483512) < 0.01);
        assert_true(json_number_value(json_object_get(object, "accuracy_m")) > 700);
        assert_true(json_number_value(json_object_get(object, "position_precision_m")) == 1000);
        if (i != 3)
            assert_string_equal(json_string_value(json_object_get(object, "unit")), "patrol-1");
        if (i == 4)
            assert_int_equal(json_array_size(json_object_get(object, "track")), 2);
        json_decref(object);
        outlet_drop(&parcel);
    }
    outlet_destroy(outlet);
}

static void what_cannot_be_made_harmless_is_withheld(void **unused)
{
    (void)unused;
    struct outlet_parcel parcel;
    seal_to(0, 0);
    struct outlet *exact = make(1000, false);
    const char *never[] = {"site/s/rx", "site/s/rx/u", "site/s/invented/u", "site/s", "", "rx", "site/s/"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_int_equal(outlet_pack(exact, never[i], whole, strlen(whole), &parcel), OUTLET_WITHHELD);
    const char *broken[] = {"", "[]", "31.483512", "{\"lat_deg\":31.483512"};
    for (size_t i = 1; i < sizeof broken / sizeof *broken; i++)
        assert_int_equal(outlet_pack(exact, "site/s/unit/u", broken[i], strlen(broken[i]), &parcel),
                         OUTLET_WITHHELD);
    /* A distress is exact, and so is what its sites need; unless that is wanted otherwise. */
    assert_int_equal(outlet_pack(exact, "site/s/distress/d", whole, strlen(whole), &parcel), OUTLET_SEND);
    assert_ptr_equal(parcel.payload, whole);
    outlet_drop(&parcel);
    assert_int_equal(outlet_pack(exact, "site/s/call/d", whole, strlen(whole), &parcel), OUTLET_SEND);
    outlet_drop(&parcel);
    struct outlet *coarse = make(1000, true);
    assert_int_equal(outlet_pack(coarse, "site/s/call/d", whole, strlen(whole), &parcel), OUTLET_WITHHELD);
    /* What takes a retained document away goes its way. */
    assert_int_equal(outlet_pack(coarse, "site/s/distress/d", "", 0, &parcel), OUTLET_SEND);
    assert_int_equal(parcel.length, 0);
    outlet_drop(&parcel);
    outlet_destroy(coarse);
    outlet_destroy(exact);
}

static void the_tower_itself_is_coarse_too(void **unused)
{
    (void)unused;
    static const char health[] =
        "{\"gpsd\":\"ok\",\"position\":{\"lat_deg\":31.483512,\"lon_deg\":-111.533711,"
        "\"alt_m\":1123.4,\"origin\":\"site\"},\"deep\":[{\"x\":{\"lat_deg\":"
        "31.483512,\"lon_deg\":-111.533711}}]}";
    struct outlet_parcel parcel;
    seal_to(0, 0);
    struct outlet *outlet = make(5000, false);
    assert_int_equal(outlet_pack(outlet, "site/s/health", health, strlen(health), &parcel), OUTLET_SEND);
    nothing_exact_is_left(parcel.payload);
    assert_non_null(strstr(parcel.payload, "\"gpsd\":\"ok\""));
    outlet_drop(&parcel);
    outlet_destroy(outlet);
}

static struct reader_key *load(const char *path)
{
    char why[160];
    struct reader_key *key = reader_key_load(path, why, sizeof why);
    if (!key)
        fail_msg("%s", why);
    return key;
}

static void sealed_documents_open_for_their_readers_alone(void **unused)
{
    (void)unused;
    struct outlet_parcel parcel;
    char *text = NULL;
    size_t length = 0;
    seal_to(1, 1);
    struct outlet *outlet = make(0, false);
    struct reader_key *centre = load(path_a), *site = load(path_b);
    assert_int_equal(outlet_pack(outlet, "site/s/position/patrol-1", whole, strlen(whole), &parcel),
                     OUTLET_SEND);
    assert_null(strstr(parcel.topic, "patrol"));
    assert_int_equal(strlen(parcel.topic), strlen("site/s/position/") + 16);
    assert_null(strstr(parcel.payload, "patrol"));
    assert_null(strstr(parcel.payload, "31.4"));
    assert_int_equal(seal_open(centre, parcel.payload, parcel.length, &text, &length), SEAL_OPENED);
    assert_int_equal(length % SEAL_STEP, 0);
    assert_memory_equal(text, whole, strlen(whole));
    free(text);
    assert_int_equal(seal_open(site, parcel.payload, parcel.length, &text, &length), SEAL_OTHERS);
    assert_int_equal(seal_open(NULL, parcel.payload, parcel.length, &text, &length), SEAL_OTHERS);
    assert_int_equal(seal_open(centre, whole, strlen(whole), &text, &length), SEAL_NONE);
    /* Every byte that is changed is noticed, or leaves a document that is not sealed to it. */
    char *copy = strdup(parcel.payload);
    for (size_t i = 0; i < parcel.length; i += i < 300 ? 1 : 97) {
        copy[i] ^= 1;
        enum seal_verdict verdict = seal_open(centre, copy, parcel.length, &text, &length);
        if (verdict == SEAL_OPENED)
            assert_memory_equal(text, whole, strlen(whole)); /* "v" was changed */
        free(text);
        copy[i] ^= 1;
    }
    free(copy);
    outlet_drop(&parcel);
    reader_key_destroy(centre);
    reader_key_destroy(site);
    outlet_destroy(outlet);
}

static void topics_tell_who_to_whom_has_the_secret_alone(void **unused)
{
    (void)unused;
    unsigned char secret[OUTLET_SECRET_BYTES] = {7};
    struct outlet_parcel one, again, other;
    char first[64];
    seal_to(1, 0);
    struct outlet *outlet = make(0, false), *elsewhere = make(0, false);
    outlet_set_secret(outlet, secret);
    assert_int_equal(outlet_pack(outlet, "site/s/unit/patrol-1", "{}", 2, &one), OUTLET_SEND);
    assert_int_equal(outlet_pack(outlet, "site/s/position/patrol-1", "{}", 2, &again), OUTLET_SEND);
    assert_int_equal(outlet_pack(outlet, "site/s/unit/patrol-2", "{}", 2, &other), OUTLET_SEND);
    assert_string_equal(strrchr(one.topic, '/'), strrchr(again.topic, '/'));
    assert_string_not_equal(one.topic, other.topic);
    snprintf(first, sizeof first, "%s", one.topic);
    outlet_drop(&one);
    outlet_drop(&again);
    outlet_drop(&other);
    assert_int_equal(outlet_pack(elsewhere, "site/s/unit/patrol-1", "{}", 2, &one), OUTLET_SEND);
    assert_string_not_equal(one.topic, first);
    outlet_drop(&one);
    assert_int_equal(outlet_pack(outlet, "site/s/activity/aprs", "{}", 2, &one), OUTLET_SEND);
    assert_null(strstr(one.topic, "aprs"));
    outlet_drop(&one);
    assert_int_equal(outlet_pack(outlet, "site/s/invented/patrol-1", "{}", 2, &one), OUTLET_SEND);
    assert_null(strstr(one.topic, "patrol"));
    assert_non_null(strstr(one.payload, "sealed"));
    outlet_drop(&one);
    outlet_destroy(outlet);
    outlet_destroy(elsewhere);
}

static void sites_hear_calls_and_nothing_else(void **unused)
{
    (void)unused;
    struct outlet_parcel parcel;
    size_t length = 0;
    char *text;
    seal_to(1, 1);
    strcpy(config.broker[0].reader_key_file, path_b);
    struct outlet *outlet = make(0, false);
    assert_int_equal(outlet_pack(outlet, "site/s/call/d", whole, strlen(whole), &parcel), OUTLET_SEND);
    assert_string_equal(parcel.topic, "site/s/call/d");
    text = outlet_open(outlet, parcel.payload, parcel.length, &length);
    assert_non_null(text);
    assert_memory_equal(text, whole, strlen(whole));
    free(text);
    outlet_drop(&parcel);
    assert_int_equal(outlet_pack(outlet, "site/s/distress/d", whole, strlen(whole), &parcel), OUTLET_SEND);
    assert_null(outlet_open(outlet, parcel.payload, parcel.length, &length));
    outlet_drop(&parcel);
    assert_int_equal(outlet_pack(outlet, "site/s/status", "{}", 2, &parcel), OUTLET_SEND);
    assert_string_equal(parcel.payload, "{}");
    outlet_drop(&parcel);
    outlet_destroy(outlet);
    seal_to(1, 0); /* nobody to seal a call to: nobody hears of it */
    config.broker[0].reader_key_file[0] = '\0';
    outlet = make(0, false);
    assert_int_equal(outlet_pack(outlet, "site/s/call/d", whole, strlen(whole), &parcel), OUTLET_WITHHELD);
    outlet_destroy(outlet);
}

/* Else nothing would go out, and nobody would notice. */
static void without_its_readers_there_is_no_outlet(void **unused)
{
    (void)unused;
    struct outlet *outlet;
    seal_to(1, 1);
    strcpy(config.broker[0].seal_to[0], "nobody");
    assert_int_equal(outlet_create(&config, 0, &outlet), ATALAYA_E_ARGUMENT);
    seal_to(1, 1);
    strcpy(config.broker[0].seal_calls_to[0], "nobody");
    assert_int_equal(outlet_create(&config, 0, &outlet), ATALAYA_E_ARGUMENT);
}

static void coarse_comes_before_sealed(void **unused)
{
    (void)unused;
    struct outlet_parcel parcel;
    size_t length = 0;
    char *text;
    seal_to(1, 0);
    struct outlet *outlet = make(1000, false);
    struct reader_key *centre = load(path_a);
    assert_int_equal(outlet_pack(outlet, "site/s/unit/patrol-1", whole, strlen(whole), &parcel), OUTLET_SEND);
    assert_int_equal(seal_open(centre, parcel.payload, parcel.length, &text, &length), SEAL_OPENED);
    char *copy = strndup(text, length);
    nothing_exact_is_left(copy);
    free(copy);
    free(text);
    outlet_drop(&parcel);
    reader_key_destroy(centre);
    outlet_destroy(outlet);
}

static void keys_are_kept_from_others(void **unused)
{
    (void)unused;
    char why[160];
    unsigned char key[READER_KEY_BYTES];
    assert_false(reader_key_make("again", path_a, why, sizeof why)); /* never over another one */
    assert_false(reader_key_make("two words", "x", why, sizeof why));
    assert_true(reader_key_is_in(path_a));
    assert_int_equal(chmod(path_a, 0644), 0);
    assert_null(reader_key_load(path_a, why, sizeof why));
    assert_non_null(strstr(why, "everybody may read"));
    assert_int_equal(chmod(path_a, 0640), 0);
    reader_key_destroy(load(path_a));
    assert_null(reader_key_load("/dev/null", why, sizeof why));
    assert_null(reader_key_load("/nonexistent", why, sizeof why));
    assert_false(
        reader_key_read_public("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", key)); /* small order */
    assert_false(reader_key_read_public("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", key));
    assert_false(reader_key_read_public("short", key));
    assert_true(reader_key_read_public(config.reader[0].public_key, key));
}

static int set_up(void **unused)
{
    (void)unused;
    char why[160];
    snprintf(folder, sizeof folder, "/tmp/atalaya-outlet-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path_a, sizeof path_a, "%s/a.reader", folder);
    snprintf(path_b, sizeof path_b, "%s/b.reader", folder);
    if (!reader_key_make("yuma", path_a, why, sizeof why) ||
        !reader_key_make("sasabe", path_b, why, sizeof why))
        return -1;
    const char *paths[] = {path_a, path_b};
    for (unsigned i = 0; i < 2; i++) {
        char text[READER_TEXT_MAX];
        struct reader_key *key = reader_key_load(paths[i], why, sizeof why);
        snprintf(config.reader[i].name, sizeof config.reader[i].name, "%s", reader_key_name(key));
        snprintf(config.reader[i].public_key, sizeof config.reader[i].public_key, "%s",
                 reader_key_public(key, text));
        reader_key_destroy(key);
    }
    config.reader_count = 2;
    return 0;
}

static int tear_down(void **unused)
{
    (void)unused;
    return unlink(path_a) | unlink(path_b) | rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coarse_documents_hold_what_is_harmless_alone),
        cmocka_unit_test(what_cannot_be_made_harmless_is_withheld),
        cmocka_unit_test(the_tower_itself_is_coarse_too),
        cmocka_unit_test(sealed_documents_open_for_their_readers_alone),
        cmocka_unit_test(topics_tell_who_to_whom_has_the_secret_alone),
        cmocka_unit_test(sites_hear_calls_and_nothing_else),
        cmocka_unit_test(without_its_readers_there_is_no_outlet),
        cmocka_unit_test(coarse_comes_before_sealed),
        cmocka_unit_test(keys_are_kept_from_others),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
