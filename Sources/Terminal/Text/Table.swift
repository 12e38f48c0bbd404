/// Rows of a list, printed with their columns aligned.
package struct Table: Sendable {
  private var rows: [[String]] = []

  /// An empty table.
  package init() {}

  /// Adds a row; every cell is made safe for a terminal.
  package mutating func add(_ cells: [String]) {
    rows.append(cells.map { escaped($0, .shown) })
  }

  package var isEmpty: Bool { rows.isEmpty }

  /// The rows, two spaces between columns, none at the end of a line.
  package func text(indent: Int) -> String {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        let width = displayWidth(cell)
        if column < widths.count {
          widths[column] = max(widths[column], width)
        } else {
          widths.append(width)
        }
      }
    }
    return rows.map { row in
      var line = String(repeating: " ", count: indent)
      for (column, cell) in row.enumerated() {
        line += cell
        let gap = widths[column] - displayWidth(cell) + 2
        if column + 1 < row.count { line += String(repeating: " ", count: gap) }
      }
      return trimmed(line) + "\n"
    }.joined()
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }
}
