/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/text.h"
#include "mqtt/secret.h"

enum { FILE_MAX = 512 };
static const char file_head[] = "atalaya-key-1";

/* Idempotent and safe from any thread; it fails only where there are no random numbers. */
static bool is_ready(void)
{
    return sodium_init() >= 0;
}

static bool read_base64(const char *text, unsigned char *bytes, size_t length)
{
    size_t got = 0;
    return sodium_base642bin(bytes, length, text, strlen(text), NULL, &got, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           got == length;
}

bool signature_read_public(const char *text, unsigned char key[SIGNATURE_PUBLIC_BYTES])
{
    return is_ready() && read_base64(text, key, SIGNATURE_PUBLIC_BYTES) &&
           crypto_core_ed25519_is_valid_point(key) == 1;
}

char *signature_write(const unsigned char *bytes, size_t length, char text[SIGNATURE_TEXT_MAX])
{
    return sodium_bin2base64(text, SIGNATURE_TEXT_MAX, bytes, length, sodium_base64_VARIANT_ORIGINAL);
}

void signature_make(const void *message, size_t length, const struct signature_key *key,
                    unsigned char signature[SIGNATURE_BYTES])
{
    (void)crypto_sign_ed25519_detached(signature, NULL, message, length, key->secret); /* always 0 */
}

bool signature_verify(const unsigned char signature[SIGNATURE_BYTES], const void *message, size_t length,
                      const unsigned char public_key[SIGNATURE_PUBLIC_BYTES])
{
    return is_ready() && crypto_sign_ed25519_verify_detached(signature, message, length, public_key) == 0;
}

static bool take_seed(struct signature_key *key, const char *name, const unsigned char *seed)
{
    snprintf(key->name, sizeof key->name, "%s", name);
    return crypto_sign_ed25519_seed_keypair(key->public_key, key->secret, seed) == 0;
}

bool signature_key_generate(const char *name, struct signature_key *key)
{
    unsigned char seed[SIGNATURE_SEED_BYTES];
    if (!is_ready() || !text_is_name(name) || strlen(name) >= sizeof key->name)
        return false;
    randombytes_buf(seed, sizeof seed);
    bool made = take_seed(key, name, seed);
    sodium_memzero(seed, sizeof seed);
    return made;
}

bool signature_key_save(const struct signature_key *key, const char *path, char *why, size_t size)
{
    char text[FILE_MAX], secret[SIGNATURE_TEXT_MAX], public_key[SIGNATURE_TEXT_MAX];
    /* the first half of libsodium's secret key is the seed (RFC 8032 clause 5.1.5) */
    int length = snprintf(text, sizeof text, "%s\nname %s\nprivate %s\npublic %s\n", file_head, key->name,
                          signature_write(key->secret, SIGNATURE_SEED_BYTES, secret),
                          signature_write(key->public_key, sizeof key->public_key, public_key));
    bool saved = length > 0 && secret_save(path, text, (size_t)length, why, size);
    sodium_memzero(text, sizeof text);
    sodium_memzero(secret, sizeof secret);
    return saved;
}

static bool read_file(const char *path, char text[FILE_MAX], char *why, size_t size)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool there = fd >= 0 && fstat(fd, &facts) == 0;
    ssize_t length = there ? read(fd, text, FILE_MAX - 1) : -1;
    if (length < 0)
        snprintf(why, size, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(facts.st_mode))
        snprintf(why, size, "%s is no regular file", path);
    else if (facts.st_mode & (S_IRWXG | S_IRWXO))
        snprintf(why, size, "%s: others may read this private key; run: chmod 600 %s", path, path);
    text[length > 0 ? length : 0] = '\0';
    if (fd >= 0)
        (void)close(fd); /* only read */
    return length >= 0 && !(facts.st_mode & (S_IRWXG | S_IRWXO));
}

bool signature_key_load(const char *path, struct signature_key *key, char *why, size_t size)
{
    char text[FILE_MAX], head[16], name[CONFIG_NAME_MAX], secret[SIGNATURE_TEXT_MAX];
    unsigned char seed[SIGNATURE_SEED_BYTES];
    if (!is_ready() || !read_file(path, text, why, size))
        return false;
    bool good = sscanf(text, "%15s name %32s private %95s", head, name, secret) == 3 &&
                strcmp(head, file_head) == 0 && text_is_name(name) &&
                read_base64(secret, seed, sizeof seed) && take_seed(key, name, seed);
    if (!good)
        snprintf(why, size, "%s: not a key that atalaya key make has made", path);
    sodium_memzero(text, sizeof text);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(seed, sizeof seed);
    return good;
}

void signature_key_forget(struct signature_key *key)
{
    sodium_memzero(key, sizeof *key);
}
