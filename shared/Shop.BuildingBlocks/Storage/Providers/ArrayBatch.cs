using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Writes what EF Core has tracked to PostgreSQL: rows that change the same columns of the same table go into one statement, an array for
/// each column, and all statements into one round trip.</summary>
/// <remarks>
/// EF Core's own batch has a statement for each row. Planning and starting one costs PostgreSQL several times what the row itself costs, and its
/// text differs with the number of rows; over arrays it is the same text for one row and for a thousand, so it is prepared once on each
/// connection. Keys come from the application: nothing that the database would generate is read back.
/// </remarks>
internal sealed class ArrayBatch(ISqlGenerationHelper sql) : ModificationCommandBatch
{
    // Bounds one statement's memory; no transaction of the shop comes near.
    private const int MaxRows = 10_000;

    private readonly List<IReadOnlyModificationCommand> _rows = [];
    private readonly List<Group> _groups = [];
    private bool _moreExpected;

    public override IReadOnlyList<IReadOnlyModificationCommand> ModificationCommands => _rows;

    public override bool RequiresTransaction => _groups.Count > 1;

    public override bool AreMoreBatchesExpected => _moreExpected;

    public override bool TryAddCommand(IReadOnlyModificationCommand modificationCommand)
    {
        if (_rows.Count == MaxRows)
        {
            return false;
        }

        _rows.Add(modificationCommand);

        // Only within a run of rows of one table and state: between runs EF Core's order may matter.
        for (var i = _groups.Count - 1; i >= 0 && _groups[i].IsSameRun(modificationCommand); i--)
        {
            if (_groups[i].IsSameShape(modificationCommand))
            {
                _groups[i].Rows.Add(modificationCommand);
                return true;
            }
        }

        _groups.Add(new Group(modificationCommand));
        return true;
    }

    public override void Complete(bool moreBatchesExpected) => _moreExpected = moreBatchesExpected;

    public override void Execute(IRelationalConnection connection) => throw new NotSupportedException("The shop writes asynchronously only.");

    public override async Task ExecuteAsync(IRelationalConnection connection, CancellationToken cancellationToken = default)
    {
        await using var batch = new NpgsqlBatch((NpgsqlConnection)connection.DbConnection, (NpgsqlTransaction?)connection.CurrentTransaction?.GetDbTransaction());
        foreach (var group in _groups)
        {
            batch.BatchCommands.Add(group.ToCommand(sql));
        }

        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (DbException exception)
        {
            throw new DbUpdateException($"The changes were not written: {exception.Message}", exception, Entries(_rows));
        }

        for (var i = 0; i < _groups.Count; i++)
        {
            var (group, affected) = (_groups[i], batch.BatchCommands[i].RecordsAffected);
            if (affected != group.Rows.Count)
            {
                throw new DbUpdateConcurrencyException(
                    $"{affected} rows of {group.Rows[0].TableName} were written instead of {group.Rows.Count}: others are gone.", Entries(group.Rows));
            }
        }
    }

    private static List<IUpdateEntry> Entries(IEnumerable<IReadOnlyModificationCommand> rows) => [.. rows.SelectMany(row => row.Entries)];

    /// <summary>Rows that are written by one statement.</summary>
    private sealed class Group(IReadOnlyModificationCommand first)
    {
        public List<IReadOnlyModificationCommand> Rows { get; } = [first];

        public bool IsSameRun(IReadOnlyModificationCommand row) =>
            row.EntityState == first.EntityState && row.TableName == first.TableName && row.Schema == first.Schema;

        public bool IsSameShape(IReadOnlyModificationCommand row)
        {
            var (left, right) = (first.ColumnModifications, row.ColumnModifications);
            if (left.Count != right.Count)
            {
                return false;
            }

            for (var i = 0; i < left.Count; i++)
            {
                if (left[i].ColumnName != right[i].ColumnName || left[i].IsWrite != right[i].IsWrite || left[i].IsCondition != right[i].IsCondition)
                {
                    return false;
                }
            }

            return true;
        }

        public NpgsqlBatchCommand ToCommand(ISqlGenerationHelper sql)
        {
            var (written, conditions) = (new List<Column>(), new List<Column>());
            var columns = first.ColumnModifications;
            for (var i = 0; i < columns.Count; i++)
            {
                if (columns[i].IsRead)
                {
                    throw new NotSupportedException($"{first.TableName}.{columns[i].ColumnName} would have to be read back.");
                }

                // A key is written with a new row and is the condition for an old one; another column may be both.
                if (columns[i].IsWrite)
                {
                    written.Add(new Column(i, Original: false));
                }

                if (columns[i].IsCondition)
                {
                    conditions.Add(new Column(i, Original: true));
                }
            }

            var command = new NpgsqlBatchCommand(Text(sql, written, conditions));
            foreach (var column in written.Concat(conditions))
            {
                command.Parameters.Add(new NpgsqlParameter { Value = Values(column) });
            }

            return command;
        }

        private string Text(ISqlGenerationHelper sql, List<Column> written, List<Column> conditions)
        {
            var table = sql.DelimitIdentifier(first.TableName, first.Schema);
            var text = new StringBuilder(256);
            switch (first.EntityState)
            {
                case EntityState.Added:
                    text.Append(CultureInfo.InvariantCulture, $"INSERT INTO {table} ({string.Join(", ", written.Select(Name))}) SELECT * FROM {Unnested(written.Count)}");
                    break;
                case EntityState.Modified:
                    text.Append(CultureInfo.InvariantCulture, $"UPDATE {table} AS t SET {string.Join(", ", written.Select((c, n) => $"{Name(c)} = u.c{n}"))} FROM {Unnested(written.Count + conditions.Count)} WHERE {Matches()}");
                    break;
                case EntityState.Deleted:
                    text.Append(CultureInfo.InvariantCulture, $"DELETE FROM {table} AS t USING {Unnested(conditions.Count)} WHERE {Matches()}");
                    break;
                default:
                    throw new NotSupportedException($"A row that is {first.EntityState} is not written.");
            }

            return text.ToString();

            string Name(Column column) => sql.DelimitIdentifier(first.ColumnModifications[column.Index].ColumnName);

            // The keys are said twice: without the second time, a plan made while the table was small reads all of it, and goes on when it has grown.
            string Matches() => string.Join(" AND ", conditions.Select((c, n) => $"t.{Name(c)} = u.c{written.Count + n} AND t.{Name(c)} = ANY(${written.Count + n + 1})"));

            static string Unnested(int count) =>
                $"unnest({string.Join(", ", Enumerable.Range(1, count).Select(n => $"${n}"))}) AS u({string.Join(", ", Enumerable.Range(0, count).Select(n => $"c{n}"))})";
        }

        private Array Values(Column column)
        {
            var mapping = first.ColumnModifications[column.Index].TypeMapping!;
            var values = NewArray(mapping.Converter?.ProviderClrType ?? mapping.ClrType, Rows.Count);
            for (var row = 0; row < Rows.Count; row++)
            {
                var modification = Rows[row].ColumnModifications[column.Index];
                var value = column.Original ? modification.OriginalValue : modification.Value;
                values.SetValue(mapping.Converter is { } converter ? converter.ConvertToProvider(value) : value, row);
            }

            return values;
        }

        private static Array NewArray(Type type, int length) =>
            Array.CreateInstance(type.IsValueType && Nullable.GetUnderlyingType(type) is null ? typeof(Nullable<>).MakeGenericType(type) : type, length);

        private readonly record struct Column(int Index, bool Original);
    }
}

/// <summary>Makes the batches that <see cref="DbContext.SaveChangesAsync(CancellationToken)"/> fills.</summary>
internal sealed class ArrayBatchFactory(ISqlGenerationHelper sql) : IModificationCommandBatchFactory
{
    public ModificationCommandBatch Create() => new ArrayBatch(sql);
}
