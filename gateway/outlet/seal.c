/* SPDX-License-Identifier: Apache-2.0 */
#include "outlet/seal.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    NONCE = crypto_secretbox_NONCEBYTES,
    MAC = crypto_secretbox_MACBYTES,
    KEY = crypto_secretbox_KEYBYTES,
    SEALED_KEY = KEY + crypto_box_SEALBYTES,
    SEALED_KEY_TEXT = sodium_base64_ENCODED_LEN(SEALED_KEY, sodium_base64_VARIANT_ORIGINAL),
    DOCUMENT_MAX = 65536 + SEAL_STEP
};

static json_t *base64(const unsigned char *bytes, size_t length)
{
    size_t size = sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    json_t *value =
        text ? json_string(sodium_bin2base64(text, size, bytes, length, sodium_base64_VARIANT_ORIGINAL))
             : NULL;
    free(text);
    return value;
}

static json_t *seal_key(const struct seal_reader *readers, unsigned count, const unsigned char key[KEY])
{
    json_t *to = json_object();
    unsigned char sealed[SEALED_KEY];
    for (unsigned i = 0; i < count && to; i++)
        if (crypto_box_seal(sealed, key, KEY, readers[i].public_key) != 0 ||
            json_object_set_new(to, readers[i].name, base64(sealed, sizeof sealed)) != 0) {
            json_decref(to);
            to = NULL;
        }
    return to;
}

char *seal_make(const struct seal_reader *readers, unsigned count, const void *document, size_t length)
{
    unsigned char key[KEY];
    size_t padded = (length + SEAL_STEP - 1) / SEAL_STEP * SEAL_STEP, size = NONCE + MAC + padded;
    unsigned char *box = sodium_init() >= 0 && padded <= DOCUMENT_MAX ? malloc(size) : NULL;
    if (!box)
        return NULL;
    unsigned char *plain = box + NONCE + MAC; /* encrypted where it lies */
    memcpy(plain, document, length);
    memset(plain + length, ' ', padded - length);
    crypto_secretbox_keygen(key);
    randombytes_buf(box, NONCE);
    json_t *to = seal_key(readers, count, key), *envelope = NULL;
    if (to && crypto_secretbox_easy(box + NONCE, plain, padded, box, key) == 0)
        envelope = json_pack("{s:i, s:o, s:O}", "v", 1, "sealed", base64(box, size), "to", to);
    sodium_memzero(key, sizeof key);
    char *text = envelope ? json_dumps(envelope, JSON_COMPACT) : NULL;
    json_decref(envelope);
    json_decref(to);
    sodium_memzero(box, size); /* where encrypting failed it is still plain */
    free(box);
    return text;
}

static bool open_key(const struct reader_key *reader, const json_t *sealed, unsigned char key[KEY])
{
    unsigned char bytes[SEALED_KEY];
    size_t length = 0;
    return json_string_length(sealed) == SEALED_KEY_TEXT - 1 &&
           sodium_base642bin(bytes, sizeof bytes, json_string_value(sealed), json_string_length(sealed), NULL,
                             &length, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           length == sizeof bytes && reader_key_open(reader, bytes, length, key);
}

static char *open_box(const json_t *sealed, const unsigned char key[KEY], size_t *length)
{
    size_t most = json_string_length(sealed) / 4 * 3 + 3, size = 0;
    unsigned char *box = malloc(most);
    char *text = NULL;
    if (box && json_is_string(sealed) &&
        sodium_base642bin(box, most, json_string_value(sealed), json_string_length(sealed), NULL, &size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) == 0 &&
        size > NONCE + MAC && (text = malloc(size)) != NULL) {
        *length = size - NONCE - MAC;
        if (crypto_secretbox_open_easy((unsigned char *)text, box + NONCE, size - NONCE, box, key) != 0) {
            free(text);
            text = NULL;
        }
    }
    free(box);
    return text;
}

enum seal_verdict seal_open(const struct reader_key *key, const void *payload, size_t payload_length,
                            char **text, size_t *length)
{
    unsigned char document_key[KEY];
    enum seal_verdict verdict = SEAL_OTHERS;
    *text = NULL;
    if (payload_length == 0 || payload_length > SEAL_PAYLOAD_MAX)
        return SEAL_NONE;
    json_t *envelope = json_loadb(payload, payload_length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    const json_t *sealed = json_object_get(envelope, "sealed");
    const json_t *own = key ? json_object_get(json_object_get(envelope, "to"), reader_key_name(key)) : NULL;
    if (!sealed)
        verdict = SEAL_NONE;
    else if (own && open_key(key, own, document_key)) {
        *text = open_box(sealed, document_key, length);
        verdict = *text ? SEAL_OPENED : SEAL_BROKEN;
        sodium_memzero(document_key, sizeof document_key);
    } else if (own) /* another's key of the same name looks like damage: neither can be read */
        verdict = SEAL_BROKEN;
    json_decref(envelope);
    return verdict;
}
