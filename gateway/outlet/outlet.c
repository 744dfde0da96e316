/* SPDX-License-Identifier: Apache-2.0 */
#include "outlet/outlet.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/spool.h"
#include "outlet/coarse.h"

struct audience {
    unsigned count;
    struct seal_reader reader[CONFIG_READERS_MAX];
};

struct outlet {
    struct coarse_setting coarse; /* precision_m 0: exact */
    bool sealed;
    struct audience centres, sites; /* sites: of call/D alone */
    struct reader_key *key;         /* this site's own; NULL: others are not understood */
    unsigned char *secret;          /* of pseudonyms */
};

enum sealing { IN_CLEAR, TO_SITES, TO_CENTRES, UNDER_PSEUDONYM };

/* In clear: that the site is there (a broker itself publishes the will), its echo, and answers to commands,
 * which are in clear too. Whatever is not listed is sealed, and named by a pseudonym. */
static const struct {
    const char *kind;
    enum sealing sealing;
} kinds[] = {{"status", IN_CLEAR},   {"response", IN_CLEAR},   {"echo", IN_CLEAR},
             {"call", TO_SITES},     {"distress", TO_CENTRES}, {"info", TO_CENTRES},
             {"health", TO_CENTRES}, {"stats", TO_CENTRES},    {"rx", TO_CENTRES}};

static void add_readers(const struct config *config, unsigned count, const char names[][CONFIG_NAME_MAX],
                        struct audience *audience)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned r = 0; r < config->reader_count; r++) {
            struct seal_reader *reader = &audience->reader[audience->count];
            if (strcmp(config->reader[r].name, names[i]) == 0 && audience->count < CONFIG_READERS_MAX &&
                reader_key_read_public(config->reader[r].public_key, reader->public_key)) {
                snprintf(reader->name, sizeof reader->name, "%s", names[i]);
                audience->count++;
            }
        }
}

enum atalaya_result outlet_create(const struct config *config, unsigned broker, struct outlet **outlet)
{
    const struct config_broker *settings = &config->broker[broker];
    char why[160];
    struct outlet *made = sodium_init() >= 0 ? calloc(1, sizeof *made) : NULL;
    if (made)
        made->secret = sodium_malloc(OUTLET_SECRET_BYTES);
    if (!made || !made->secret) {
        free(made);
        return ATALAYA_E_MEMORY;
    }
    randombytes_buf(made->secret, OUTLET_SECRET_BYTES);
    made->coarse = (struct coarse_setting){settings->position_precision_m, settings->coarse_distress};
    made->sealed = settings->seal_to_count > 0;
    add_readers(config, settings->seal_to_count, settings->seal_to, &made->centres);
    add_readers(config, settings->seal_calls_to_count, settings->seal_calls_to, &made->sites);
    /* Checked with the configuration. Without a reader everything would be kept back as if nobody were to
     * know. */
    if (made->centres.count != settings->seal_to_count ||
        made->sites.count != settings->seal_calls_to_count) {
        outlet_destroy(made);
        return ATALAYA_E_ARGUMENT;
    }
    if (settings->reader_key_file[0])
        made->key = reader_key_load(settings->reader_key_file, why, sizeof why);
    if (settings->reader_key_file[0] && !made->key)
        log_warning("broker %s: %s; what other sites seal is not understood", settings->name, why);
    *outlet = made;
    return ATALAYA_OK;
}

void outlet_set_secret(struct outlet *outlet, const unsigned char secret[OUTLET_SECRET_BYTES])
{
    memcpy(outlet->secret, secret, OUTLET_SECRET_BYTES);
}

/* The level behind site/S, and what stands behind it (NULL: nothing). */
static bool read_kind(const char *topic, char kind[CONFIG_NAME_MAX], const char **rest)
{
    const char *site = strncmp(topic, "site/", 5) == 0 ? topic + 5 : "";
    const char *start = site + strcspn(site, "/");
    size_t length = *start ? strcspn(++start, "/") : 0;
    if (length == 0 || length >= CONFIG_NAME_MAX)
        return false;
    memcpy(kind, start, length);
    kind[length] = '\0';
    *rest = start[length] ? start + length + 1 : NULL;
    return true;
}

static enum sealing sealing_of(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return kinds[i].sealing;
    return UNDER_PSEUDONYM;
}

/* Keyed BLAKE2b of the name: the same for one name at one site, and nothing without the key. */
static bool hide_name(const struct outlet *outlet, const char *name, struct outlet_parcel *parcel)
{
    enum { BYTES = crypto_generichash_BYTES_MIN, SHOWN = 8 };
    unsigned char hash[BYTES];
    char hex[2 * SHOWN + 1];
    size_t before = (size_t)(name - parcel->topic);
    char *topic = malloc(SPOOL_TOPIC_MAX);
    if (!topic || before >= SPOOL_TOPIC_MAX - sizeof hex ||
        crypto_generichash(hash, sizeof hash, (const unsigned char *)name, strlen(name), outlet->secret,
                           OUTLET_SECRET_BYTES) != 0) {
        free(topic);
        return false;
    }
    memcpy(topic, parcel->topic, before);
    memcpy(topic + before, sodium_bin2hex(hex, sizeof hex, hash, SHOWN), sizeof hex);
    parcel->topic = parcel->made_topic = topic;
    return true;
}

static enum outlet_verdict make_coarse(const struct outlet *outlet, const char *kind,
                                       struct outlet_parcel *parcel)
{
    if (coarse_withholds(&outlet->coarse, kind))
        return OUTLET_WITHHELD;
    if (parcel->length == 0)
        return OUTLET_SEND;
    json_error_t error;
    json_t *document = json_loadb(parcel->payload, parcel->length, JSON_ALLOW_NUL, &error);
    if (!json_is_object(document)) {
        bool no_memory = !document && json_error_code(&error) == json_error_out_of_memory;
        json_decref(document);
        if (!no_memory)
            log_error("a document %s is no JSON object: what is in it nobody can judge, so it is not sent",
                      parcel->topic);
        return no_memory ? OUTLET_FAILED : OUTLET_WITHHELD;
    }
    enum coarse_verdict verdict = coarse_document(&outlet->coarse, kind, &document);
    if (verdict == COARSE_CHANGED)
        parcel->made_payload = json_dumps(document, JSON_LINE_FLAGS);
    json_decref(document);
    if (verdict == COARSE_AS_IT_IS)
        return OUTLET_SEND;
    if (!parcel->made_payload) /* a kind that is told, and an object: there was no memory for it */
        return OUTLET_FAILED;
    parcel->payload = parcel->made_payload;
    parcel->length = strlen(parcel->made_payload);
    return OUTLET_SEND;
}

static enum outlet_verdict make_sealed(const struct outlet *outlet, const char *kind, const char *name,
                                       struct outlet_parcel *parcel)
{
    enum sealing sealing = sealing_of(kind);
    const struct audience *audience = sealing == TO_SITES ? &outlet->sites : &outlet->centres;
    if (sealing == IN_CLEAR)
        return OUTLET_SEND;
    if (audience->count == 0)
        return OUTLET_WITHHELD;
    if (sealing == UNDER_PSEUDONYM && name && !hide_name(outlet, name, parcel))
        return OUTLET_FAILED;
    if (parcel->length == 0)
        return OUTLET_SEND;
    char *text = seal_make(audience->reader, audience->count, parcel->payload, parcel->length);
    if (!text)
        return OUTLET_FAILED;
    free(parcel->made_payload);
    parcel->payload = parcel->made_payload = text;
    parcel->length = strlen(text);
    return OUTLET_SEND;
}

enum outlet_verdict outlet_pack(const struct outlet *outlet, const char *topic, const void *payload,
                                size_t length, struct outlet_parcel *parcel)
{
    char kind[CONFIG_NAME_MAX];
    const char *name = NULL;
    enum outlet_verdict verdict = OUTLET_SEND;
    *parcel = (struct outlet_parcel){.topic = topic, .payload = payload, .length = length};
    if (outlet->coarse.precision_m <= 0.0 && !outlet->sealed)
        return OUTLET_SEND;
    if (!read_kind(topic, kind, &name))
        return OUTLET_WITHHELD;
    if (outlet->coarse.precision_m > 0.0)
        verdict = make_coarse(outlet, kind, parcel);
    if (verdict == OUTLET_SEND && outlet->sealed)
        verdict = make_sealed(outlet, kind, name, parcel);
    if (verdict != OUTLET_SEND)
        outlet_drop(parcel);
    return verdict;
}

void outlet_drop(struct outlet_parcel *parcel)
{
    free(parcel->made_topic);
    free(parcel->made_payload);
    *parcel = (struct outlet_parcel){0};
}

char *outlet_open(const struct outlet *outlet, const void *payload, size_t payload_length, size_t *length)
{
    char *text = NULL;
    if (!outlet->key || seal_open(outlet->key, payload, payload_length, &text, length) != SEAL_OPENED)
        return NULL;
    return text;
}

void outlet_destroy(struct outlet *outlet)
{
    if (!outlet)
        return;
    reader_key_destroy(outlet->key);
    sodium_free(outlet->secret);
    free(outlet);
}
