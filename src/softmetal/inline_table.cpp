#include "softmetal/inline_table.hpp"

#include <iterator>
#include <unordered_map>
#include <vector>

#include "ingot/error.hpp"

#include "core/read_file.hpp"
#include "softmetal/debug_entries.hpp"

namespace softmetal {

// Builds a table from the entries of an object's units.
class InlineTableReader {
 public:
  InlineTableReader(std::span<const std::byte> object, const LineTable& lines)
      : sections_(object), lines_(lines), left_(object.size()) {}

  InlineTable read() {
    for (std::uint64_t offset = 0; offset < sections_.entries.size();) {
      DebugUnit unit(sections_, offset);
      read(unit);
      offset = unit.end();
    }
    for (const auto& [function, entry] : entry_of_) {
      function->name = keep(find_name(entry));
    }
    return std::move(table_);
  }

 private:
  using Function = InlineTable::Function;
  // An inlined call has no name, but refers to its function's entry, which may stand behind it.
  struct Name {
    std::string_view text;
    std::uint64_t origin;  // the entry to look at if there is none
  };

  void read(DebugUnit& unit) {
    DebugEntry entry;
    std::vector<Function*> around;  // the function that each open parent belongs to
    while (unit.next(entry)) {
      if (entry.tag == DebugTag::kNone) {
        if (!around.empty()) {
          around.pop_back();
        }
        continue;
      }
      Function* current = around.empty() ? nullptr : around.back();
      if (entry.tag == DebugTag::kSubprogram || entry.tag == DebugTag::kInlinedSubroutine) {
        current = add(unit, entry, current);
      }
      if (entry.has_children) {
        around.push_back(current);
      }
    }
  }

  // The function that the entry describes, or `around` when it describes no code.
  Function* add(const DebugUnit& unit, const DebugEntry& entry, Function* around) {
    add_name(unit, entry);
    unit.code_of(entry, ranges_);
    account_for(ranges_.size());
    if (ranges_.empty()) {
      return around;
    }
    Function& function = table_.functions_.emplace_back();
    entry_of_.emplace_back(&function, entry.offset);
    if (entry.tag == DebugTag::kInlinedSubroutine) {
      function.caller = around;
      const auto file = lines_.file_of_unit(unit.lines(), entry.number(DebugAttribute::kCallFile));
      if (file) {
        function.call_file = *file;
        function.call_line = static_cast<std::uint32_t>(entry.number(DebugAttribute::kCallLine));
        function.call_column =
            static_cast<std::uint32_t>(entry.number(DebugAttribute::kCallColumn));
      }
    }
    for (const AddressRange& range : ranges_) {
      cover(range, &function);
    }
    return &function;
  }

  // Callers come before what is inlined in them: what is not covered again is their own.
  void cover(const AddressRange& range, const Function* function) {
    if (range.begin >= range.end) {
      return;
    }
    auto& innermost = table_.innermost_;
    innermost.try_emplace(range.end, table_.find(range.end));
    innermost.erase(innermost.lower_bound(range.begin), innermost.lower_bound(range.end));
    innermost[range.begin] = function;
  }

  void add_name(const DebugUnit& unit, const DebugEntry& entry) {
    const DebugValue* linkage = entry.find(DebugAttribute::kLinkageName);
    const DebugValue* plain = entry.find(DebugAttribute::kName);
    const DebugValue* origin = entry.find(DebugAttribute::kAbstractOrigin);
    names_[entry.offset] = {
        unit.text(linkage != nullptr ? linkage : plain),
        origin != nullptr ? origin->number : entry.number(DebugAttribute::kSpecification)};
  }

  std::string_view find_name(std::uint64_t entry) const {
    // A function's code, the function whatever its code, and its declaration: section 3.3.8.
    constexpr int kLongestChain = 3;
    for (int i = 0; i < kLongestChain; ++i) {
      const auto found = names_.find(entry);
      if (found == names_.end()) {
        break;
      }
      if (!found->second.text.empty()) {
        return found->second.text;
      }
      entry = found->second.origin;
    }
    return {};
  }

  std::string_view keep(std::string_view name) {
    const auto [kept, is_new] = table_.names_.emplace(name);
    account_for(is_new ? name.size() : 0);
    return *kept;
  }

  // A sound object is larger than what it says; one that refers to the same bytes again and again
  // may say more than there is memory for.
  void account_for(std::size_t items) {
    if (items > left_) {
      throw Damaged{"it repeats itself"};
    }
    left_ -= items;
  }

  const DebugSections sections_;
  const LineTable& lines_;
  std::size_t left_;
  InlineTable table_;
  std::unordered_map<std::uint64_t, Name> names_;  // by the entry's offset
  std::vector<std::pair<Function*, std::uint64_t>> entry_of_;
  std::vector<AddressRange> ranges_;  // of one entry
};

InlineTable InlineTable::parse(std::span<const std::byte> object,
                               const std::string& name,
                               const LineTable& lines) try {
  return InlineTableReader(object, lines).read();
} catch (const Damaged& damage) {
  throw ingot::Error(ingot::ErrorCode::kIo,
                     name,
                     std::string("cannot read which functions were inlined: ") + damage.what);
}

InlineTable InlineTable::read(const std::filesystem::path& object, const LineTable& lines) {
  const std::string bytes = ingot::read_file(object).value_or("");
  return parse(std::as_bytes(std::span(bytes)), object.string(), lines);
}

const InlineTable::Function* InlineTable::find(std::uint64_t offset) const {
  const auto next = innermost_.upper_bound(offset);
  return next != innermost_.begin() ? std::prev(next)->second : nullptr;
}

}  // namespace softmetal
