/* SPDX-License-Identifier: Apache-2.0 */
/* SigMF metadata: the usual is understood, and the hostile is refused with a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/source/sigmf.h"

#define HEAD "{\"global\":{\"core:datatype\":\"ci16_le\",\"core:sample_rate\":250000"

static enum atalaya_result parse(const char *text, struct sigmf_meta *meta, char why[80])
{
    why[0] = '\0';
    return sigmf_parse(text, strlen(text), meta, why, 80);
}

static void a_recording_is_understood(void **state)
{
    struct sigmf_meta meta;
    char why[80];
    (void)state;
    assert_int_equal(parse(HEAD "},\"captures\":[{\"core:sample_start\":0,\"core:frequency\":4.0605e8,"
                                "\"core:header_bytes\":44}],\"annotations\":[]}",
                           &meta, why),
                     ATALAYA_OK);
    assert_int_equal(meta.format, SAMPLE_CS16);
    assert_true(fabs(meta.rate_hz - 250e3) < 1e-6 && fabs(meta.centre_hz - 406.05e6) < 1e-6);
    assert_int_equal(meta.header_bytes, 44);
    assert_false(meta.retuned);
    assert_int_equal(parse(HEAD "}}", &meta, why), ATALAYA_OK);
    assert_true(isnan(meta.centre_hz));
    assert_int_equal(
        parse(HEAD "},\"captures\":[{\"core:frequency\":1e8},{\"core:frequency\":2e8}]}", &meta, why),
        ATALAYA_OK);
    assert_true(meta.retuned);
}

static void what_cannot_be_read_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {"", "line 1"},
        {"[]", "core:datatype"},
        {"{\"global\":{\"core:datatype\":7}}", "core:datatype"},
        {"{\"global\":{\"core:datatype\":\"cf64_be\",\"core:sample_rate\":1}}", "cf64_be cannot be read"},
        {"{\"global\":{\"core:datatype\":\"cu8\"}}", "core:sample_rate"},
        {"{\"global\":{\"core:datatype\":\"cu8\",\"core:sample_rate\":-1}}", "core:sample_rate"},
        {"{\"global\":{\"core:datatype\":\"cu8\",\"core:sample_rate\":1,\"core:sample_rate\":2}}",
         "duplicate"},
        {HEAD ",\"core:num_channels\":2}}", "core:num_channels"},
        {HEAD ",\"core:dataset\":\"../../etc/passwd\"}}", "conforming"},
        {HEAD "},\"captures\":[{\"core:frequency\":-1}]}", "core:frequency"},
        {HEAD "},\"captures\":[{\"core:header_bytes\":1e300}]}", "core:header_bytes"},
        {HEAD "},\"captures\":[{},{\"core:header_bytes\":8}]}", "core:header_bytes"},
    };
    struct sigmf_meta meta;
    char why[80];
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_not_equal(parse(wrong[i].text, &meta, why), ATALAYA_OK);
        if (!strstr(why, wrong[i].words))
            fail_msg("%s: %s", wrong[i].text, why);
    }
}

/* An array in an array in an array ... must not eat the stack. */
static void deep_nesting_is_refused(void **state)
{
    enum { DEPTH = 1 << 20 };
    struct sigmf_meta meta;
    char why[80];
    char *text = malloc(DEPTH);
    (void)state;
    assert_non_null(text);
    memset(text, '[', DEPTH);
    assert_int_equal(sigmf_parse(text, DEPTH, &meta, why, sizeof why), ATALAYA_E_FORMAT);
    free(text);
}

static void names_go_in_pairs(void **state)
{
    char meta[CONFIG_PATH_MAX], data[CONFIG_PATH_MAX], long_name[CONFIG_PATH_MAX + 1];
    (void)state;
    assert_true(sigmf_is_name("/a/b.sigmf-meta") && sigmf_is_name("b.sigmf-data"));
    assert_false(sigmf_is_name(".sigmf-meta") || sigmf_is_name("b.wav") || sigmf_is_name(""));
    assert_true(sigmf_names("/a/b.sigmf-meta", meta, data));
    assert_string_equal(data, "/a/b.sigmf-data");
    assert_true(sigmf_names("/a/b.sigmf-data", meta, data));
    assert_string_equal(meta, "/a/b.sigmf-meta");
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_false(sigmf_names(long_name, meta, data));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_is_understood),
        cmocka_unit_test(what_cannot_be_read_is_refused_with_a_reason),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(names_go_in_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
