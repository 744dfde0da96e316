/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and signatures: the vectors of RFC 8032 clause 7.1, and files that keep their secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../gateway/lifecycle/signature.h"

static char folder[64], path[96];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/atalaya key XXXXXX");
    snprintf(path, sizeof path, "%s/k", mkdtemp(folder) ? folder : "/nonexistent");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void from_hex(const char *hex, unsigned char *bytes, size_t length)
{
    size_t got = 0;
    assert_int_equal(sodium_hex2bin(bytes, length, hex, strlen(hex), NULL, &got, NULL), 0);
    assert_int_equal(got, length);
}

static void the_vectors_of_the_rfc_hold(void **state)
{
    (void)state;
    static const struct {
        const char *seed, *public_key, *signature;
        size_t length;
        unsigned char message[2];
    } rows[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25"
         "bf5f0595bbe24"
         "655141438e7a100b",
         0,
         {0}},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387"
         "b2eaeb4302aee"
         "b00d291612bb0c00",
         1,
         {0x72}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char seed[SIGNATURE_SEED_BYTES], signature[SIGNATURE_BYTES], expected[SIGNATURE_BYTES];
        struct signature_key key = {.name = "k"};
        from_hex(rows[i].seed, seed, sizeof seed);
        from_hex(rows[i].signature, expected, sizeof expected);
        from_hex(rows[i].public_key, key.public_key, sizeof key.public_key);
        memcpy(key.secret, seed, sizeof seed);
        memcpy(key.secret + sizeof seed, key.public_key, sizeof key.public_key);
        signature_make(rows[i].message, rows[i].length, &key, signature);
        assert_memory_equal(signature, expected, sizeof expected);
        assert_true(signature_verify(signature, rows[i].message, rows[i].length, key.public_key));
        for (size_t bit = 0; bit < sizeof signature * 8; bit += 7) {
            signature[bit / 8] ^= (unsigned char)(1u << bit % 8);
            assert_false(signature_verify(signature, rows[i].message, rows[i].length, key.public_key));
            signature[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
        assert_false(signature_verify(signature, "x", 1, key.public_key));
    }
}

static void a_key_survives_its_file(void **state)
{
    (void)state;
    struct signature_key key, read;
    struct stat facts;
    char why[256], text[SIGNATURE_TEXT_MAX];
    unsigned char public_key[SIGNATURE_PUBLIC_BYTES];
    assert_true(signature_key_generate("yuma-1", &key));
    assert_true(signature_key_save(&key, path, why, sizeof why));
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    assert_true(signature_key_load(path, &read, why, sizeof why));
    assert_string_equal(read.name, "yuma-1");
    assert_memory_equal(read.secret, key.secret, sizeof key.secret);
    assert_true(
        signature_read_public(signature_write(key.public_key, sizeof key.public_key, text), public_key));
    assert_memory_equal(public_key, key.public_key, sizeof public_key);
    assert_false(signature_key_save(&key, path, why, sizeof why)); /* a key is never overwritten */
    assert_int_equal(chmod(path, 0640), 0);
    assert_false(signature_key_load(path, &read, why, sizeof why));
    assert_non_null(strstr(why, "chmod 600"));
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    struct signature_key key;
    char why[256];
    unsigned char public_key[SIGNATURE_PUBLIC_BYTES];
    static const char *const texts[] = {"", "AAAA", "not base64 at all, not base64 at all, not b",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", /* of small order */
                                        "//////////////////////////////////////////8="};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(signature_read_public(texts[i], public_key));
    assert_false(signature_key_generate("two words", &key));
    assert_false(signature_key_generate("", &key));
    assert_false(signature_key_load(path, &key, why, sizeof why));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("atalaya-key-1\nname yuma-1\nprivate AAAA\npublic AAAA\n", file);
    fclose(file);
    assert_int_equal(chmod(path, 0600), 0);
    assert_false(signature_key_load(path, &key, why, sizeof why));
    assert_non_null(strstr(why, "not a key"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc_hold),
        cmocka_unit_test_setup_teardown(a_key_survives_its_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_key_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
