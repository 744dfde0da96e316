/* SPDX-License-Identifier: Apache-2.0 */
/* What TLS rests on is told to end while there is time to mend it: the first of a chain of one's own, the
 * last of authorities, by the files as they are now. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../gateway/mqtt/certificate.h"

enum { DAY_S = 86400 };
static const int64_t now_s = INT64_C(1795824000); /* 2026-11-28 */
static EVP_PKEY *key;

static void write_certificates(const char *path, int count, const int *days)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < count; i++) {
        X509 *one = X509_new();
        assert_non_null(one);
        assert_non_null(ASN1_TIME_set(X509_getm_notBefore(one), (time_t)(now_s - 400 * DAY_S)));
        assert_non_null(
            ASN1_TIME_set(X509_getm_notAfter(one), (time_t)(now_s + days[i] * DAY_S + DAY_S / 2)));
        assert_int_equal(X509_set_pubkey(one, key), 1);
        assert_true(X509_sign(one, key, EVP_sha256()) > 0);
        assert_int_equal(PEM_write_X509(file, one), 1);
        X509_free(one);
    }
    assert_int_equal(fclose(file), 0);
}

static struct config_broker broker = {
    .tls = true, .certificate_file = "certificate-own.pem", .ca_file = "certificate-ca.pem"};

static const char *complaint(const int *own, int own_count, const int *ca, int ca_count)
{
    static char text[CERTIFICATE_TEXT_MAX];
    write_certificates(broker.certificate_file, own_count, own);
    write_certificates(broker.ca_file, ca_count, ca);
    text[0] = '\0';
    if (!certificate_complain(&broker, now_s * INT64_C(1000000000), text))
        assert_string_equal(text, "");
    return text;
}

#define DAYS(...) (const int[]){__VA_ARGS__}, (int)(sizeof(int[]){__VA_ARGS__} / sizeof(int))

static void test_what_has_time_is_not_told(void **state)
{
    (void)state;
    assert_string_equal(complaint(DAYS(31), DAYS(3650)), "");
    assert_string_equal(complaint(DAYS(31, 400), DAYS(40, 31)), "");
}

static void test_what_ends_soon_is(void **state)
{
    (void)state;
    assert_non_null(strstr(complaint(DAYS(12), DAYS(3650)),
                           "certificate_file certificate-own.pem ends on 2026-12-10, in 12 days: "));
    assert_non_null(strstr(complaint(DAYS(400, 5), DAYS(3650)), "in 5 days"));
    assert_non_null(
        strstr(complaint(DAYS(400), DAYS(7)), "ca_file certificate-ca.pem ends on 2026-12-05, in 7 days: "));
    assert_non_null(strstr(complaint(DAYS(400), DAYS(7, -30)), "in 7 days"));
}

static void test_what_has_ended_is(void **state)
{
    (void)state;
    assert_non_null(strstr(complaint(DAYS(-3), DAYS(3650)),
                           "certificate_file certificate-own.pem ended on 2026-11-25: "));
}

static void test_an_old_authority_beside_its_successor_is_not(void **state)
{
    (void)state;
    assert_string_equal(complaint(DAYS(400), DAYS(-30, 400)), "");
    assert_string_equal(complaint(DAYS(400), DAYS(400, 2)), "");
}

static void test_what_cannot_be_read_is_for_others_to_tell(void **state)
{
    (void)state;
    char text[CERTIFICATE_TEXT_MAX];
    static const char *const contents[] = {"", "no certificate\n", "-----BEGIN CERTIFICATE-----\n",
                                           "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"};
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++)
        for (unsigned both = 0; both < 2; both++) {
            FILE *file = fopen(both ? broker.ca_file : broker.certificate_file, "w");
            assert_non_null(file);
            assert_true(fputs(contents[i], file) >= 0);
            assert_int_equal(fclose(file), 0);
            (void)unlink(both ? broker.certificate_file : broker.ca_file);
            assert_false(certificate_complain(&broker, now_s * INT64_C(1000000000), text));
        }
    struct config_broker plain = broker;
    plain.tls = false;
    write_certificates(broker.certificate_file, 1, (const int[]){1});
    assert_false(certificate_complain(&plain, now_s * INT64_C(1000000000), text));
    assert_false(certificate_complain_shown(NULL, now_s * INT64_C(1000000000), text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_has_time_is_not_told),
        cmocka_unit_test(test_what_ends_soon_is),
        cmocka_unit_test(test_what_has_ended_is),
        cmocka_unit_test(test_an_old_authority_beside_its_successor_is_not),
        cmocka_unit_test(test_what_cannot_be_read_is_for_others_to_tell),
    };
    char folder[] = "/tmp/atalaya-certificate-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return 1;
    key = EVP_EC_gen("P-256");
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(key);
    (void)unlink(broker.certificate_file);
    (void)unlink(broker.ca_file);
    (void)rmdir(folder);
    return failures;
}
