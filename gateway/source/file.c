/* SPDX-License-Identifier: Apache-2.0 */
/* A recording: in whatever form libsndfile reads, SigMF, or raw samples. */
#include "source_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "convert.h"
#include "raw.h"
#include "sigmf.h"

struct file_source {
    struct source base;
    SNDFILE *file;
    struct source_pace pace;
    bool loop;
    bool damaged;         /* the last read gave its frames and an error behind them */
    uint64_t frames;      /* that the header promises; 0 = it does not know */
    uint64_t pass_frames; /* given since the beginning or the last turn of the loop */
    float samples[SOURCE_BLOCK_FRAMES * SOURCE_LANES_MAX];
};

/* A descriptor of a regular file: opening a named pipe or a device by its path could wait for ever. */
static enum atalaya_result descriptor_open(const char *path, int *fd, char *text, size_t size)
{
    struct stat status;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0) {
        int error = errno;
        source_say(text, size, "cannot open %s: %s", path, strerror(error));
        return error == EACCES ? ATALAYA_E_DENIED : error == ENOENT ? ATALAYA_E_GONE : ATALAYA_E_IO;
    }
    if (fstat(*fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
        return ATALAYA_OK;
    source_say(text, size, "%s is %s; a recording is a file with audio in it (raw samples: use stdin)", path,
               S_ISREG(status.st_mode) ? "empty" : "not a regular file");
    (void)close(*fd);
    return ATALAYA_E_FORMAT;
}

/* libsndfile shortens a WAV that was cut off without a word but in its log. Lengths near 2 and 4 GiB are what
 * programs write that stream into a pipe, and mean nothing. */
static bool was_cut(SNDFILE *file)
{
    enum { LOG_MAX = 4096 };
    const unsigned long streamed_bytes = 0x7F000000UL;
    char words[LOG_MAX] = "";
    unsigned long promised;
    if (sf_command(file, SFC_GET_LOG_INFO, words, sizeof words) <= 0)
        return false;
    words[sizeof words - 1] = '\0';
    const char *data = strstr(words, "\ndata : ");
    if (data == NULL || sscanf(data, "\ndata : %lu (should be", &promised) != 1)
        return false;
    size_t line = strcspn(data + 1, "\n");
    const char *doubt = strstr(data, "(should be");
    return doubt != NULL && doubt < data + 1 + line && promised < streamed_bytes;
}

/* Where the samples of a WAV begin whose recorder was killed before it wrote how many they are; 0: it is
 * none.
 */
static sf_count_t unfinished_wav(int fd)
{
    enum { CHUNKS_MAX = 64, HEADER = 12, CHUNK = 8 };
    uint8_t head[HEADER];
    struct stat status;
    if (pread(fd, head, HEADER, 0) != HEADER || memcmp(head, "RIFF", 4) != 0 ||
        memcmp(head + 8, "WAVE", 4) != 0)
        return 0;
    off_t at = HEADER;
    for (unsigned i = 0; i < CHUNKS_MAX && pread(fd, head, CHUNK, at) == CHUNK; i++) {
        uint32_t length =
            head[4] | (uint32_t)head[5] << 8 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 24;
        at += CHUNK;
        if (memcmp(head, "data", 4) == 0)
            return length == 0 && fstat(fd, &status) == 0 && status.st_size > at ? at : 0;
        at += (off_t)length + (length & 1U);
    }
    return 0;
}

/* libsndfile takes the length 0 at its word. What follows is read as bare samples of the same form. */
static SNDFILE *unfinished_open(const struct config_source *settings, SF_INFO *info)
{
    char text[SOURCE_TEXT_MAX];
    int fd;
    if (descriptor_open(settings->path, &fd, text, sizeof text) != ATALAYA_OK)
        return NULL;
    sf_count_t begin = unfinished_wav(fd);
    info->format = SF_FORMAT_RAW | SF_ENDIAN_LITTLE | (info->format & SF_FORMAT_SUBMASK);
    if (begin == 0 || !sf_format_check(info)) {
        (void)close(fd);
        return NULL;
    }
    SNDFILE *file = sf_open_fd(fd, SFM_READ, info, SF_TRUE);
    if (file == NULL)
        return NULL;
    (void)sf_command(file, SFC_SET_RAW_START_OFFSET, &begin, sizeof begin);
    (void)sf_seek(file, 0, SEEK_SET);
    return file;
}

static void file_close(struct source *base)
{
    struct file_source *source = (struct file_source *)base;
    (void)sf_close(source->file);
    free(source);
}

static void describe(const struct file_source *source, const char *path, char *text, size_t size)
{
    char what[SOURCE_TEXT_MAX];
    source_say(text, size, "%s: %s, %.1f s%s%s", path, source_base_describe(&source->base, what, sizeof what),
               (double)source->frames / source->base.format.rate_hz, source->pace.on ? ", in real time" : "",
               source->loop ? ", again and again" : "");
}

static enum atalaya_result file_start(struct file_source *source, const struct config_source *settings,
                                      const SF_INFO *info, char *text, size_t size)
{
    char why[SOURCE_TEXT_MAX];
    unsigned lanes = info->channels > 0 ? (unsigned)info->channels : 0;
    enum atalaya_result result =
        source_base_init(&source->base, settings, info->samplerate, lanes, why, sizeof why);
    if (result == ATALAYA_OK && settings->iq)
        result = source_base_set_iq(&source->base, settings, why, sizeof why);
    if (result != ATALAYA_OK) {
        source_say(text, size, "%s: %s", settings->path, why);
        return result;
    }
    if (settings->loop && !info->seekable) {
        source_say(text, size, "%s cannot be wound back: set loop = false", settings->path);
        return ATALAYA_E_UNSUPPORTED;
    }
    source->loop = settings->loop;
    source->frames = info->frames > 0 && info->frames < SF_COUNT_MAX ? (uint64_t)info->frames : 0;
    source->pace.on = settings->pace;
    source->pace.rate_hz = source->base.format.rate_hz;
    source->pace.origin_ns = clock_mono_ns();
    describe(source, settings->path, text, size);
    if (was_cut(source->file))
        log_warning("source '%s': %s is shorter than its header says (cut off while it was copied or "
                    "recorded?); what is there is used",
                    settings->name, settings->path);
    return ATALAYA_OK;
}

/* Raw samples from byte `offset` of a file. */
static enum atalaya_result raw_file_open(const struct config_source *settings, uint64_t offset,
                                         struct source **out, char *text, size_t size)
{
    struct raw_input input = {.is_file = true, .loop = settings->loop, .offset = (off_t)offset};
    enum atalaya_result result = descriptor_open(settings->path, &input.fd, text, size);
    if (result != ATALAYA_OK)
        return result;
    if (lseek(input.fd, input.offset, SEEK_SET) != input.offset) {
        source_say(text, size, "%s: %s", settings->path, strerror(errno));
        result = ATALAYA_E_IO;
    } else
        result = raw_create(settings, &input, out, text, size);
    if (result != ATALAYA_OK)
        (void)close(input.fd);
    return result;
}

static enum atalaya_result sigmf_read(const char *path, struct sigmf_meta *meta, char *text, size_t size)
{
    int fd;
    char why[SOURCE_TEXT_MAX / 2];
    enum atalaya_result result = descriptor_open(path, &fd, text, size);
    if (result != ATALAYA_OK)
        return result;
    char *json = malloc(SIGMF_META_BYTES_MAX);
    ssize_t got = 0, length = 0;
    while (json != NULL && length < SIGMF_META_BYTES_MAX &&
           (got = read(fd, json + length, (size_t)(SIGMF_META_BYTES_MAX - length))) > 0)
        length += got;
    if (json == NULL)
        source_say(text, size, "no memory to read %s", path);
    else if (got < 0)
        source_say(text, size, "cannot read %s: %s", path, strerror(errno));
    else if ((result = sigmf_parse(json, (size_t)length, meta, why, sizeof why)) != ATALAYA_OK)
        source_say(text, size, "%s: %s", path, why);
    (void)close(fd);
    free(json);
    return json == NULL ? ATALAYA_E_MEMORY : got < 0 ? ATALAYA_E_IO : result;
}

static enum atalaya_result sigmf_open(const struct config_source *settings, struct source **out, char *text,
                                      size_t size)
{
    struct config_source raw = *settings;
    struct sigmf_meta meta;
    char path[CONFIG_PATH_MAX];
    if (!sigmf_names(settings->path, path, raw.path)) {
        source_say(text, size, "%s: this is no name of a recording", settings->path);
        return ATALAYA_E_ARGUMENT;
    }
    enum atalaya_result result = sigmf_read(path, &meta, text, size);
    if (result != ATALAYA_OK)
        return result;
    raw.format = meta.format;
    raw.rate_hz = meta.rate_hz;
    raw.lanes = 1;
    raw.iq = false;
    if (!(settings->centre_hz > 0.0))
        raw.centre_hz = meta.centre_hz;
    result = raw_file_open(&raw, meta.header_bytes, out, text, size);
    if (result == ATALAYA_OK && meta.retuned)
        log_warning(
            "source '%s': %s was tuned elsewhere later on; its channels are right only in the first capture",
            settings->name, path);
    return result;
}

static enum atalaya_result file_open(const struct config_source *settings, struct source **out, char *text,
                                     size_t size)
{
    if (sigmf_is_name(settings->path))
        return sigmf_open(settings, out, text, size);
    if (settings->format != SAMPLE_AUTO)
        return raw_file_open(settings, 0, out, text, size);
    SF_INFO info = {0};
    int fd;
    enum atalaya_result result = descriptor_open(settings->path, &fd, text, size);
    if (result != ATALAYA_OK)
        return result;
    /* libsndfile closes the descriptor when it fails, whatever its last argument says: it is its own from
     * here. */
    SNDFILE *file = sf_open_fd(fd, SFM_READ, &info, SF_TRUE);
    if (file == NULL) {
        source_say(text, size, "%s is not audio that can be read: %s Raw samples need their format and rate",
                   settings->path, sf_strerror(NULL));
        return ATALAYA_E_FORMAT;
    }
    SF_INFO as_samples = info;
    SNDFILE *samples = info.frames == 0 ? unfinished_open(settings, &as_samples) : NULL;
    if (samples != NULL) {
        (void)sf_close(file);
        file = samples;
        info = as_samples;
        log_warning(
            "source '%s': the recorder of %s did not finish it (its header says that it is empty); what is "
            "there is used",
            settings->name, settings->path);
    }
    struct file_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        (void)sf_close(file);
        source_say(text, size, "no memory to read %s", settings->path);
        return ATALAYA_E_MEMORY;
    }
    source->file = file;
    result = file_start(source, settings, &info, text, size);
    if (result != ATALAYA_OK) {
        file_close(&source->base);
        return result;
    }
    *out = &source->base;
    return ATALAYA_OK;
}

/* Nothing came: damage, the end, or the turn of the loop. An empty pass ends even a loop, lest it spin. */
static enum atalaya_result file_end(struct file_source *source)
{
    double rate_hz = source->base.format.rate_hz;
    if (source->damaged || sf_error(source->file) != SF_ERR_NO_ERROR) {
        log_error("source '%s': cannot read beyond %.3f s of %.3f s: %s (damaged or cut off)",
                  source->base.name, (double)source->pass_frames / rate_hz, (double)source->frames / rate_hz,
                  sf_strerror(source->file));
        return ATALAYA_E_FORMAT;
    }
    if (!source->loop || source->pass_frames == 0)
        return ATALAYA_END;
    if (sf_seek(source->file, 0, SEEK_SET) != 0) {
        log_error("source '%s': cannot wind back: %s", source->base.name, sf_strerror(source->file));
        return ATALAYA_E_IO;
    }
    source->pass_frames = 0;
    return ATALAYA_OK;
}

static enum atalaya_result file_read(struct source *base, struct source_block *block)
{
    struct file_source *source = (struct file_source *)base;
    if (source->damaged)
        return file_end(source);
    if (!source_pace_wait(&source->pace, base->next_frame + base->block_frames))
        return ATALAYA_OK;
    sf_count_t count = sf_readf_float(source->file, source->samples, (sf_count_t)base->block_frames);
    if (count <= 0)
        return file_end(source);
    source->damaged = sf_error(source->file) != SF_ERR_NO_ERROR;
    source->pass_frames += (uint64_t)count;
    convert_tame(source->samples, (size_t)count * base->format.lanes);
    block->samples = source->samples;
    block->frames = (size_t)count;
    block->first_mono_ns =
        source->pace.on ? source_pace_mono_ns(&source->pace, base->next_frame) : clock_mono_ns();
    return ATALAYA_OK;
}

const struct source_kind source_kind_file = {.type = SOURCE_FILE,
                                             .name = "file",
                                             .live = false,
                                             .open = file_open,
                                             .read = file_read,
                                             .close = file_close};
