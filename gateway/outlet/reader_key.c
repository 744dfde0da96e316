/* SPDX-License-Identifier: Apache-2.0 */
#include "outlet/reader_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/text.h"
#include "mqtt/secret.h"

enum { FILE_MAX = 512 };
static const char file_head[] = "atalaya-reader-1";

struct reader_key {
    char name[CONFIG_NAME_MAX];
    unsigned char public_key[READER_KEY_BYTES], secret[READER_KEY_BYTES];
};

static bool read_base64(const char *text, unsigned char *bytes)
{
    size_t got = 0;
    return sodium_base642bin(bytes, READER_KEY_BYTES, text, strlen(text), NULL, &got, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           got == READER_KEY_BYTES;
}

static char *write_base64(const unsigned char *bytes, char text[READER_TEXT_MAX])
{
    return sodium_bin2base64(text, READER_TEXT_MAX, bytes, READER_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL);
}

bool reader_key_read_public(const char *text, unsigned char key[READER_KEY_BYTES])
{
    unsigned char scalar[READER_KEY_BYTES] = {1}, product[READER_KEY_BYTES];
    return sodium_init() >= 0 && read_base64(text, key) && crypto_scalarmult(product, scalar, key) == 0;
}

static bool save(const char *path, const char *name, const unsigned char *secret,
                 const unsigned char *public_key, char *why, size_t size)
{
    char text[FILE_MAX], private_text[READER_TEXT_MAX], public_text[READER_TEXT_MAX];
    int length = snprintf(text, sizeof text, "%s\nname %s\nprivate %s\npublic %s\n", file_head, name,
                          write_base64(secret, private_text), write_base64(public_key, public_text));
    bool saved = length > 0 && secret_save(path, text, (size_t)length, why, size);
    sodium_memzero(text, sizeof text);
    sodium_memzero(private_text, sizeof private_text);
    return saved;
}

bool reader_key_make(const char *name, const char *path, char *why, size_t size)
{
    unsigned char public_key[READER_KEY_BYTES], secret[READER_KEY_BYTES];
    if (sodium_init() < 0 || !text_is_name(name) || strlen(name) >= CONFIG_NAME_MAX) {
        snprintf(why, size, "'%s' is no name; use 1 to %d of A-Z a-z 0-9 . _ -", name, CONFIG_NAME_MAX - 1);
        return false;
    }
    bool made =
        crypto_box_keypair(public_key, secret) == 0 && save(path, name, secret, public_key, why, size);
    sodium_memzero(secret, sizeof secret);
    return made;
}

static ssize_t read_file(const char *path, char text[FILE_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, FILE_MAX - 1) : -1;
    text[length > 0 ? length : 0] = '\0';
    if (fd >= 0)
        (void)close(fd); /* only read */
    return length;
}

bool reader_key_is_in(const char *path)
{
    char text[FILE_MAX];
    bool is = read_file(path, text) > 0 && strncmp(text, file_head, sizeof file_head - 1) == 0;
    sodium_memzero(text, sizeof text);
    return is;
}

static bool take(struct reader_key *key, const char *text)
{
    char head[20], secret[READER_TEXT_MAX];
    bool good = sscanf(text, "%19s name %32s private %47s", head, key->name, secret) == 3 &&
                strcmp(head, file_head) == 0 && text_is_name(key->name) && read_base64(secret, key->secret) &&
                crypto_scalarmult_base(key->public_key, key->secret) == 0;
    sodium_memzero(secret, sizeof secret);
    return good;
}

struct reader_key *reader_key_load(const char *path, char *why, size_t size)
{
    char text[FILE_MAX];
    if (!secret_is_private(path, "reader key", why, size))
        return NULL;
    struct reader_key *key = sodium_init() >= 0 ? sodium_malloc(sizeof *key) : NULL;
    if (!key || read_file(path, text) < 0) {
        snprintf(why, size, "reader key '%.80s' cannot be read: %s", path, strerror(errno));
        reader_key_destroy(key);
        return NULL;
    }
    if (!take(key, text)) {
        snprintf(why, size, "'%.80s' is no reader key: atalaya key reader makes one", path);
        reader_key_destroy(key);
        key = NULL;
    } else
        (void)sodium_mprotect_readonly(key); /* a guard more, where there is one */
    sodium_memzero(text, sizeof text);
    return key;
}

const char *reader_key_name(const struct reader_key *key)
{
    return key->name;
}

char *reader_key_public(const struct reader_key *key, char text[READER_TEXT_MAX])
{
    return write_base64(key->public_key, text);
}

bool reader_key_open(const struct reader_key *key, const unsigned char *box, size_t length,
                     unsigned char *plain)
{
    return crypto_box_seal_open(plain, box, length, key->public_key, key->secret) == 0;
}

void reader_key_destroy(struct reader_key *key)
{
    if (key)
        sodium_free(key); /* wipes it */
}
