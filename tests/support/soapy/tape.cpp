// SPDX-License-Identifier: Apache-2.0
// A driver of SoapySDR without a device: it plays a file of samples in real time and misbehaves on request. Loaded by
// SoapySDR itself through SOAPY_SDR_PLUGIN_PATH, as every driver is.
//
// Arguments: path (samples in `format`, again and again; without it sample k is k as 16 bits, low byte in I), format
// (CU8, CS8, CS16, CF32), control (a file whose words say what it does, read before every step), log (every setting is
// appended), stamps=0 (no time stamps), correction=0 (knows no ppm), fullscale.
// Words in the control file: run | hang | hang-open | silent | error | absent | overflow COUNT NUMBER (once a NUMBER)
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Registry.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

std::string get(const SoapySDR::Kwargs &args, const char *key, const char *fallback = "")
{
    const auto found = args.find(key);
    return found == args.end() ? fallback : found->second;
}

std::string controlPath(const SoapySDR::Kwargs &args)
{
    const char *path = std::getenv("TAPE_CONTROL");
    return get(args, "control", path ? path : "");
}

std::string controlLine(const std::string &path)
{
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

void nap()
{
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

class Tape : public SoapySDR::Device {
  public:
    explicit Tape(const SoapySDR::Kwargs &args)
        : control(controlPath(args)), logPath(get(args, "log")), format(get(args, "format", "CU8")),
          stamps(get(args, "stamps", "1") == "1"), correction(get(args, "correction", "1") == "1"),
          fullScale(std::stod(get(args, "fullscale", "0")))
    {
        while (controlLine(control) == "hang-open")
            nap();
        const std::string path = get(args, "path");
        if (!path.empty()) {
            std::ifstream file(path, std::ios::binary);
            samples.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
            if (samples.size() < size())
                throw std::runtime_error("nothing in " + path);
        }
    }

    std::string getDriverKey() const override
    {
        return "tape";
    }
    std::string getHardwareKey() const override
    {
        return "tape machine";
    }
    size_t getNumChannels(const int direction) const override
    {
        return direction == SOAPY_SDR_RX ? 1 : 0;
    }

    std::vector<std::string> getStreamFormats(const int, const size_t) const override
    {
        return {format, SOAPY_SDR_CF32};
    }
    std::string getNativeStreamFormat(const int, const size_t, double &scale) const override
    {
        scale = fullScale > 0 ? fullScale : format == SOAPY_SDR_CS16 ? 32768 : 128;
        return format;
    }
    SoapySDR::Stream *setupStream(const int, const std::string &wanted, const std::vector<size_t> &,
                                  const SoapySDR::Kwargs &) override
    {
        log("stream " + wanted);
        if (wanted != format)
            throw std::runtime_error("format " + wanted);
        return reinterpret_cast<SoapySDR::Stream *>(this);
    }
    void closeStream(SoapySDR::Stream *) override
    {
        log("close");
    }
    int activateStream(SoapySDR::Stream *, const int, const long long, const size_t) override
    {
        begin = Clock::now();
        return 0;
    }
    int deactivateStream(SoapySDR::Stream *, const int, const long long) override
    {
        return 0;
    }

    int readStream(SoapySDR::Stream *, void *const *buffers, const size_t most, int &flags, long long &time,
                   const long timeoutUs) override
    {
        std::istringstream words(controlLine(control));
        std::string word;
        words >> word;
        while (word == "hang" && controlLine(control) == "hang")
            nap();
        if (word == "error" || word == "absent")
            return SOAPY_SDR_STREAM_ERROR;
        unsigned long count = 0;
        int number = 0;
        if (word == "overflow" && words >> count >> number && number != overflows) {
            overflows = number;
            position += count;
            return SOAPY_SDR_OVERFLOW;
        }
        const auto until = Clock::now() + std::chrono::microseconds(timeoutUs);
        size_t ready = 0;
        while ((ready = available()) < 64 || word == "silent") {
            if (Clock::now() >= until)
                return SOAPY_SDR_TIMEOUT;
            nap();
        }
        const size_t given = ready < most ? ready : most;
        for (size_t i = 0; i < given; i++)
            put(static_cast<uint8_t *>(buffers[0]) + i * size(), position + i);
        flags = stamps ? SOAPY_SDR_HAS_TIME : 0;
        time = static_cast<long long>(static_cast<double>(position) * 1e9 / rate);
        position += given;
        return static_cast<int>(given);
    }

    std::vector<std::string> listAntennas(const int, const size_t) const override
    {
        return {"RX", "AUX"};
    }
    void setAntenna(const int, const size_t, const std::string &name) override
    {
        if (name != "RX" && name != "AUX")
            throw std::runtime_error("no antenna " + name);
        log("antenna " + name);
    }
    bool hasFrequencyCorrection(const int, const size_t) const override
    {
        return correction;
    }
    void setFrequencyCorrection(const int, const size_t, const double ppm) override
    {
        log("ppm " + std::to_string(ppm));
    }
    bool hasGainMode(const int, const size_t) const override
    {
        return true;
    }
    void setGainMode(const int, const size_t, const bool automatic) override
    {
        log(automatic ? "gain automatic" : "gain manual");
    }
    void setGain(const int, const size_t, const double value) override
    {
        log("gain " + std::to_string(value));
    }
    void setGain(const int, const size_t, const std::string &name, const double value) override
    {
        log("gain " + name + " " + std::to_string(value));
    }
    void setFrequency(const int, const size_t, const double hz, const SoapySDR::Kwargs &) override
    {
        if (hz > 1.7e9)
            throw std::runtime_error("too high");
        frequency = hz;
        log("frequency " + std::to_string(hz));
    }
    double getFrequency(const int, const size_t) const override
    {
        return frequency;
    }
    void setSampleRate(const int, const size_t, const double value) override
    {
        rate = value;
    }
    double getSampleRate(const int, const size_t) const override
    {
        return rate;
    }
    SoapySDR::ArgInfoList getSettingInfo() const override
    {
        SoapySDR::ArgInfo bias;
        bias.key = "biastee";
        return {bias};
    }
    void writeSetting(const std::string &key, const std::string &value) override
    {
        log(key + " " + value);
    }

  private:
    std::string control, logPath, format;
    bool stamps, correction;
    double fullScale, rate = 48000, frequency = 0;
    std::vector<char> samples;
    Clock::time_point begin;
    uint64_t position = 0;
    int overflows = 0;

    size_t size() const
    {
        return format == SOAPY_SDR_CF32 ? 8 : format == SOAPY_SDR_CS16 ? 4 : 2;
    }

    size_t available() const
    {
        const double played = std::chrono::duration<double>(Clock::now() - begin).count() * rate;
        return played > static_cast<double>(position) ? static_cast<size_t>(played) - position : 0;
    }

    void put(uint8_t *out, uint64_t index) const
    {
        if (!samples.empty()) {
            const uint64_t whole = samples.size() / size();
            std::memcpy(out, &samples[(index % whole) * size()], size());
            return;
        }
        const uint8_t low = index & 0xff, high = (index >> 8) & 0xff;
        if (format == SOAPY_SDR_CF32) {
            const float pair[2] = {low / 256.0F, high / 256.0F};
            std::memcpy(out, pair, sizeof pair);
        } else if (format == SOAPY_SDR_CS16) {
            const int16_t pair[2] = {static_cast<int16_t>(low * 128), static_cast<int16_t>(high * 128)};
            std::memcpy(out, pair, sizeof pair);
        } else {
            out[0] = format == SOAPY_SDR_CS8 ? low - 128 : low;
            out[1] = format == SOAPY_SDR_CS8 ? high - 128 : high;
        }
    }

    void log(const std::string &line) const
    {
        if (!logPath.empty())
            std::ofstream(logPath, std::ios::app) << line << "\n";
    }
};

SoapySDR::KwargsList findTapes(const SoapySDR::Kwargs &args)
{
    SoapySDR::KwargsList found;
    if (controlLine(controlPath(args)) == "absent")
        return found;
    for (const char *serial : {"T1", "T2"}) {
        if (args.count("serial") && args.at("serial") != serial)
            continue;
        SoapySDR::Kwargs tape = args;
        tape["serial"] = serial;
        tape["label"] = std::string("tape machine ") + serial;
        found.push_back(tape);
    }
    return found;
}

SoapySDR::Device *makeTape(const SoapySDR::Kwargs &args)
{
    if (findTapes(args).empty())
        throw std::runtime_error("no such tape machine");
    return new Tape(args);
}

SoapySDR::Registry registerTape("tape", &findTapes, &makeTape, SOAPY_SDR_ABI_VERSION);

} // namespace
