#include "mcp/stdio.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>

#include "fmt/format.h"

namespace ingot::mcp {
namespace {

class LineReader {
 public:
  explicit LineReader(int descriptor) : descriptor_(descriptor) {}

  struct Line {
    std::string text;
    bool too_long = false;
  };

  /// Nothing at the end. A last line without its newline counts.
  std::optional<Line> next() {
    Line line;
    for (;;) {
      const size_t end = buffer_.find('\n');
      const size_t taken = std::min(end, buffer_.size());
      line.too_long = line.too_long || line.text.size() + taken > kMostMessage;
      if (line.too_long) {
        line.text.clear();
      } else {
        line.text.append(buffer_, 0, taken);
      }
      buffer_.erase(0, end == std::string::npos ? taken : taken + 1);
      if (end != std::string::npos) {
        return line;
      }
      if (!fill()) {
        return line.text.empty() && !line.too_long ? std::nullopt : std::optional(line);
      }
    }
  }

 private:
  bool fill() {
    char block[65536];
    ssize_t count = -1;
    do {
      count = read(descriptor_, block, sizeof block);
    } while (count < 0 && errno == EINTR);
    if (count <= 0) {
      return false;
    }
    buffer_.append(block, static_cast<size_t>(count));
    return true;
  }

  int descriptor_;
  std::string buffer_;
};

// Lines are written whole, whichever thread has one.
class LineWriter {
 public:
  explicit LineWriter(int descriptor) : descriptor_(descriptor) {}

  /// False when nobody reads any more.
  bool write(std::string line) {
    line += '\n';
    const std::lock_guard lock(mutex_);
    for (size_t done = 0; done < line.size();) {
      const ssize_t count = ::write(descriptor_, line.data() + done, line.size() - done);
      if (count < 0 && errno != EINTR) {
        return false;
      }
      done += count > 0 ? static_cast<size_t>(count) : 0;
    }
    return true;
  }

 private:
  int descriptor_;
  std::mutex mutex_;
};

// The calls that run now, each on a thread of its own.
class Calls {
 public:
  explicit Calls(LineWriter& writer) : writer_(writer) {}

  /// False when the id belongs to a call that still runs, or too many do.
  bool start(Server::Call call) {
    const std::lock_guard lock(mutex_);
    calls_.remove_if([](const Entry& entry) { return entry.done.load(); });  // joins
    if (calls_.size() >= kMostCalls ||
        std::ranges::find(calls_, call.id, &Entry::id) != calls_.end()) {
      return false;
    }
    Entry& entry = calls_.emplace_back();
    entry.id = call.id;
    entry.thread = std::jthread([this, &entry, run = std::move(call.run)](std::stop_token stop) {
      std::string line = run(stop);
      if (!stop.stop_requested()) {  // a cancelled call is not answered
        writer_.write(std::move(line));
      }
      entry.done = true;
    });
    return true;
  }

  void cancel(const Json& id) {
    const std::lock_guard lock(mutex_);
    for (Entry& entry : calls_) {
      if (entry.id == id) {
        entry.thread.request_stop();
      }
    }
  }

  /// Waits for the calls that run; ends them first where nobody waits for their answers.
  void finish(bool wanted) {
    for (Entry& entry : calls_) {
      if (!wanted) {
        entry.thread.request_stop();
      }
      entry.thread.join();
    }
  }

 private:
  struct Entry {
    Json id;
    std::atomic<bool> done = false;
    std::jthread thread;
  };
  LineWriter& writer_;
  std::mutex mutex_;
  std::list<Entry> calls_;
};

}  // namespace

void serve(Server& server, int input, int output) {
  LineReader reader(input);
  LineWriter writer(output);
  Calls calls(writer);
  bool is_read = true;
  while (is_read) {
    const std::optional<LineReader::Line> line = reader.next();
    if (!line) {
      break;
    }
    if (line->too_long) {
      const RpcError error(Code::kInvalidRequest,
                           fmt::format("a message is longer than {} bytes", kMostMessage));
      is_read = writer.write(error_line(nullptr, error));
      continue;
    }
    if (line->text.find_first_not_of(" \t\r") == std::string::npos) {
      continue;
    }
    Server::Action action = server.handle(line->text);
    if (auto* const answer = std::get_if<std::string>(&action)) {
      is_read = writer.write(std::move(*answer));
    } else if (const auto* const cancel = std::get_if<Server::Cancel>(&action)) {
      calls.cancel(cancel->id);
    } else if (auto* const call = std::get_if<Server::Call>(&action)) {
      const Json id = call->id;
      if (!calls.start(std::move(*call))) {
        const RpcError error(
            Code::kInvalidRequest,
            fmt::format("the id is in use by a call that still runs, or {} calls run", kMostCalls));
        is_read = writer.write(error_line(id, error));
      }
    }
  }
  calls.finish(is_read);
}

}  // namespace ingot::mcp
