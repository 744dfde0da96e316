/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed documents of anybody, and documents of any shape on their way to a broker that may know little: what
 * is sealed opens to what it was, whatever is changed on its way; what is coarse has no place but middles of
 * cells, at no depth, and none of the members that tell one. The first byte says which. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "../../gateway/outlet/grid.h"
#include "../../gateway/outlet/outlet.h"

enum { CELL_M = 1000 };

static struct reader_key *key;
static struct seal_reader reader;
static struct outlet *outlet;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static struct config config = {.broker_count = 1, .broker[0].position_precision_m = CELL_M};
    char folder[] = "/tmp/atalaya-fuzz-XXXXXX", path[64], why[160], text[READER_TEXT_MAX];
    (void)argc, (void)argv;
    bool made = mkdtemp(folder) != NULL;
    snprintf(path, sizeof path, "%s/key", folder);
    made = made && reader_key_make("fuzz", path, why, sizeof why);
    key = made ? reader_key_load(path, why, sizeof why) : NULL;
    assert(key && unlink(path) == 0 && rmdir(folder) == 0);
    strcpy(reader.name, "fuzz");
    bool good = reader_key_read_public(reader_key_public(key, text), reader.public_key) &&
                outlet_create(&config, 0, &outlet) == ATALAYA_OK;
    return good ? 0 : -1;
}

static void open_what_came(const uint8_t *data, size_t size)
{
    char *text = NULL;
    size_t length = 0;
    enum seal_verdict verdict = seal_open(key, data, size, &text, &length);
    assert((verdict == SEAL_OPENED) == (text != NULL));
    assert(verdict != SEAL_OPENED); /* nobody can make one without being told the key */
}

static void seal_and_change(const uint8_t *data, size_t size)
{
    char *opened = NULL, *sealed = seal_make(&reader, 1, data + 2, size - 2);
    size_t length = 0, whole = strlen(sealed);
    size_t at = ((size_t)data[0] << 8 | data[1]) % whole;
    assert(seal_open(key, sealed, whole, &opened, &length) == SEAL_OPENED && length >= size - 2);
    assert(memcmp(opened, data + 2, size - 2) == 0);
    free(opened);
    sealed[at] = (char)(sealed[at] ^ (1 + data[0] % 127));
    if (seal_open(key, sealed, whole, &opened, &length) == SEAL_OPENED)
        assert(memcmp(opened, data + 2, size - 2) == 0);
    free(opened);
    free(sealed);
}

/* At any depth: places are middles of cells. */
static void check_places(json_t *value)
{
    size_t i;
    const char *name;
    json_t *member;
    const json_t *lat = json_object_get(value, "lat_deg"), *lon = json_object_get(value, "lon_deg");
    json_array_foreach (value, i, member) {
        check_places(member);
    }
    json_object_foreach (value, name, member) {
        check_places(member);
    }
    if (!json_is_number(lat) || !json_is_number(lon))
        return;
    double lat_deg = json_number_value(lat), lon_deg = json_number_value(lon);
    if (fabs(lat_deg) > 90.0 || fabs(lon_deg) > 180.0)
        return; /* no place */
    (void)grid_snap(CELL_M, &lat_deg, &lon_deg);
    assert(fabs(lat_deg - json_number_value(lat)) < 1e-6 && fabs(lon_deg - json_number_value(lon)) < 1e-6);
}

static void make_coarse(unsigned which, const uint8_t *data, size_t size)
{
    static const char *const topics[] = {"site/s/position/u", "site/s/message/u", "site/s/unit/u",
                                         "site/s/activity/c", "site/s/rx",        "site/s/saguaro/u"};
    static const char *const telling[] = {"raw",   "text",      "comment",    "dedupe", "object",
                                          "alt_m", "speed_m_s", "course_deg", "snr_db", "path"};
    struct outlet_parcel parcel;
    const char *name;
    json_t *member;
    enum outlet_verdict verdict = outlet_pack(outlet, topics[which % 6], data, size, &parcel);
    assert(verdict != OUTLET_FAILED && (which % 6 < 4 || verdict == OUTLET_WITHHELD));
    if (verdict != OUTLET_SEND || parcel.length == 0)
        return;
    json_t *object = json_loadb(parcel.payload, parcel.length, JSON_ALLOW_NUL, NULL);
    assert(json_is_object(object));
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        assert(!json_object_get(object, telling[i]));
    json_t *place = json_object_get(object, "position");
    assert(!json_object_get(place, "alt_m") && !json_object_get(place, "speed_m_s"));
    check_places(place);
    check_places(json_object_get(object, "track"));
    json_object_del(object, "position");
    json_object_del(object, "track");
    if (which % 6 < 3)
        json_object_foreach (object, name, member) {
            assert(!json_is_object(member) && (!json_is_array(member) || strcmp(name, "left_out") == 0));
        }
    json_decref(object);
    outlet_drop(&parcel);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4 || size > 60000)
        return 0;
    if (data[0] < 60)
        open_what_came(data + 1, size - 1);
    else if (data[0] < 120)
        seal_and_change(data + 1, size - 1);
    else
        make_coarse(data[0], data + 1, size - 1);
    return 0;
}
