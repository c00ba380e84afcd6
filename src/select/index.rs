//! Groups the rows of a classification that stays in memory by what their columns hold, so that a query reads the rows it selects and little besides.

use std::hash::Hash;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use polars::prelude::*;
use rayon::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::{roots, values};
use crate::domain::columns::{COLUMNS, ColumnDef, ColumnType};
use crate::error::Result;
use crate::select::find::{Search, cells};
use crate::select::sort;
use crate::select::where_sql::{self, SqlCondition};
use crate::source::order_frame::CODES;

/// The frame columns that are grouped however many different values they hold, because filters ask for single ones.
const ALWAYS_GROUPED: [&str; 4] = ["account_id", "partner", "request_id", "case_number"];

/// The rows of a classification in the default order, and grouped by the cells of every column that repeats its cells.
/// Built once, it answers any number of queries. Takes about 4 bytes a row for the order and for each column grouped, and a
/// copy of each different cell: some 130 MB and 0.6 seconds for 1,000,000 rows.
#[derive(Debug, Clone)]
pub struct Index {
    /// Every row, in the default order.
    pub order: IdxCa,
    groupings: Vec<Grouping>,
    searched: Vec<Searched>,
}

/// The rows by what one frame column holds, or by the cells of a report column that is made from several. Empty cells are
/// a group too.
#[derive(Debug, Clone)]
struct Grouping {
    by: Expr,
    /// A row of each group.
    representatives: IdxCa,
    /// Where the ranks of each group begin in `ranks`, and where the last ends.
    starts: Vec<usize>,
    /// Places in the default order, ascending within each group; one group of all rows shares them with others.
    ranks: Arc<[IdxSize]>,
}

/// What is searched of a report column, one cell a group.
#[derive(Debug, Clone)]
struct Searched {
    grouping: usize,
    cells: Column,
}

impl Index {
    /// Groups the rows of `classified`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn build(classified: &Classified) -> Result<Self> {
        let order = sort::order(classified, None, &sort::DEFAULT)?;
        let rows = order.cont_slice()?;
        let all: Arc<[IdxSize]> = (0..rows.len() as IdxSize).collect();
        // Counts and instants hardly repeat, and are searched only when they are shown.
        let repeats = |known: &&ColumnDef| !matches!(known.column_type, ColumnType::Count | ColumnType::Instant);
        let columns: Vec<(&'static ColumnDef, Expr, Expr)> = COLUMNS
            .iter()
            .filter(repeats)
            .filter_map(|known| {
                let made = cells(known, classified)?;
                let by = match roots([&made]).as_slice() {
                    [root] => col(root.clone()),
                    _ => made.clone(),
                };
                Some((known, made, by))
            })
            .collect();
        let mut grouped: Vec<&Expr> = Vec::new();
        for (_, _, by) in &columns {
            if !grouped.contains(&by) {
                grouped.push(by);
            }
        }
        let groupings = grouped.into_par_iter().map(|by| Grouping::of(by, classified, rows, &all));
        let groupings: Vec<Grouping> = groupings.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        let searched = columns.into_iter().filter_map(|(known, made, by)| {
            let grouping = groupings.iter().position(|grouping| grouping.by == by)?;
            let cells = values(classified.frame(), Some(&groupings[grouping].representatives), vec![made]);
            Some(cells.and_then(|cells| Ok(Searched { grouping, cells: cells.column(known.key)?.clone() })))
        });
        let searched = searched.collect::<Result<_>>()?;
        Ok(Self { order, groupings, searched })
    }

    /// `rows` in the default order.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn put_in_order(&self, rows: &IdxCa) -> Result<IdxCa> {
        let mut wanted = vec![false; self.order.len()];
        rows.iter().flatten().for_each(|row| wanted[row as usize] = true);
        Ok(self.order.cont_slice()?.iter().copied().filter(|row| wanted[*row as usize]).map(Some).collect())
    }

    /// The rows that meet those of `conditions` and of `sql` over single grouped columns, which are taken out, and hold what is
    /// searched, in the default order; `None` when no row was left out.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn narrow(
        &self,
        classified: &Classified,
        conditions: &mut Vec<Expr>,
        sql: &mut Vec<SqlCondition>,
        search: Option<Search<'_>>,
    ) -> Result<Option<IdxCa>> {
        let mut sets: Vec<Vec<IdxSize>> = Vec::new();
        sql.retain(|condition| match self.answers_sql(classified, condition) {
            Some(ranks) => {
                sets.push(ranks);
                false
            }
            None => true,
        });
        let mut others = Vec::new();
        for condition in std::mem::take(conditions) {
            match self.answers(classified, &condition)? {
                Some(ranks) => sets.push(ranks),
                None => others.push(condition),
            }
        }
        *conditions = others;
        if let Some(search) = search {
            sets.push(self.find(classified, search)?);
        }
        sets.sort_by_key(Vec::len);
        let ranks = sets.into_iter().reduce(|few, many| intersection(&few, &many));
        let order = self.order.cont_slice()?;
        Ok(ranks.map(|ranks| IdxCa::from_vec(PlSmallStr::EMPTY, ranks.into_iter().map(|rank| order[rank as usize]).collect())))
    }

    /// The ranks whose rows meet `condition`, asked of one row a group; `None` when it reads anything but one grouped column.
    fn answers(&self, classified: &Classified, condition: &Expr) -> Result<Option<Vec<IdxSize>>> {
        let roots = roots([condition]);
        let [root] = roots.as_slice() else { return Ok(None) };
        let root = col(root.clone());
        let Some(grouping) = self.groupings.iter().find(|grouping| grouping.by == root) else { return Ok(None) };
        let answers = values(classified.frame(), Some(&grouping.representatives), vec![condition.clone().alias("passes")])?;
        Ok(Some(self.ranks_of(grouping, answers.column("passes")?.bool()?)))
    }

    /// The ranks whose rows meet `condition`, asked of one row a group; `None` when it reads anything but one grouped column, or is
    /// broken by a cell: that of a row which other filters leave out is nobody's fault.
    fn answers_sql(&self, classified: &Classified, condition: &SqlCondition) -> Option<Vec<IdxSize>> {
        let key = condition.only_column()?;
        let searched = self.searched.iter().find(|searched| searched.cells.name() == key)?;
        let grouping = &self.groupings[searched.grouping];
        let mask = where_sql::mask(std::slice::from_ref(condition), classified, Some(&grouping.representatives));
        mask.ok().flatten().map(|answers| self.ranks_of(grouping, &answers))
    }

    /// The ranks of the groups for which `answers` says yes, ascending.
    fn ranks_of(&self, grouping: &Grouping, answers: &BooleanChunked) -> Vec<IdxSize> {
        let groups = answers.iter().enumerate().filter(|(_, passes)| *passes == Some(true)).map(|(group, _)| grouping.ranks(group));
        union(&groups.collect::<Vec<_>>(), self.order.len())
    }

    /// The ranks whose rows hold any of the terms of `search` in a column that is searched.
    fn find(&self, classified: &Classified, search: Search<'_>) -> Result<Vec<IdxSize>> {
        let mut found = vec![false; self.order.len()];
        let mut unindexed = vec![false; self.order.len()];
        for known in search.columns() {
            match self.searched.iter().find(|searched| searched.cells.name() == known.key) {
                None => search.mark(classified, None, known, &mut unindexed)?,
                Some(Searched { grouping, cells }) => {
                    let grouping = &self.groupings[*grouping];
                    let mut groups = vec![false; cells.len()];
                    search.mark_cells(cells, known, &mut groups)?;
                    let groups = groups.iter().enumerate().filter(|(_, found)| **found);
                    groups.flat_map(|(group, _)| grouping.ranks(group)).for_each(|rank| found[*rank as usize] = true);
                }
            }
        }
        let ranks = self.order.cont_slice()?.iter().zip(found).enumerate();
        Ok(ranks.filter(|(_, (row, found))| *found || unindexed[**row as usize]).map(|(rank, _)| rank as IdxSize).collect())
    }
}

impl Grouping {
    /// The rows, in default `order`, whose ranks are `all`, grouped; `None` when so little repeats that groups would save
    /// nothing.
    fn of(by: &Expr, classified: &Classified, order: &[IdxSize], all: &Arc<[IdxSize]>) -> Result<Option<Self>> {
        let frame = classified.frame();
        let cells = match by {
            // Equal codes are equal texts.
            Expr::Column(name) if frame.texts(name).is_some() => col(format!("{name}{CODES}")).alias(name.clone()),
            cells => cells.clone(),
        };
        let cells = values(frame, None, vec![cells])?;
        let Some(cells) = cells.columns().first() else { return Ok(None) };
        let most = if ALWAYS_GROUPED.contains(&cells.name().as_str()) { cells.len() } else { cells.len().div_ceil(2) };
        let groups = match cells.str() {
            Ok(texts) => groups(texts.iter(), most),
            Err(_) => groups(cells.to_physical_repr().cast(&DataType::Int64)?.i64()?.iter(), most),
        };
        let Some((group_of, representatives)) = groups else { return Ok(None) };
        let mut starts = vec![0; representatives.len() + 1];
        group_of.iter().for_each(|group| starts[*group as usize + 1] += 1);
        for group in 1..starts.len() {
            starts[group] += starts[group - 1];
        }
        let ranks = if representatives.len() == 1 { Arc::clone(all) } else { ranks(&group_of, &starts, order).into() };
        Ok(Some(Self { by: by.clone(), representatives: IdxCa::from_vec(PlSmallStr::EMPTY, representatives), starts, ranks }))
    }

    /// The places of a group's rows in the default order.
    fn ranks(&self, group: usize) -> &[IdxSize] {
        &self.ranks[self.starts[group]..self.starts[group + 1]]
    }
}

/// The ranks of all rows, group after group, ascending within each.
fn ranks(group_of: &[IdxSize], starts: &[usize], order: &[IdxSize]) -> Vec<IdxSize> {
    let mut next = starts.to_vec();
    let mut ranks = vec![0; order.len()];
    for (rank, row) in (0..).zip(order) {
        let place = &mut next[group_of[*row as usize] as usize];
        ranks[*place] = rank;
        *place += 1;
    }
    ranks
}

/// The group of each row, and the first row of each group; `None` when there are more than `most` groups.
fn groups<T: Eq + Hash>(cells: impl Iterator<Item = Option<T>>, most: usize) -> Option<(Vec<IdxSize>, Vec<IdxSize>)> {
    let mut known: HashMap<Option<T>, IdxSize> = HashMap::new();
    let mut representatives = Vec::new();
    let mut group_of = Vec::with_capacity(cells.size_hint().0);
    for (row, cell) in cells.enumerate() {
        group_of.push(*known.entry(cell).or_insert_with(|| {
            representatives.push(row as IdxSize);
            (representatives.len() - 1) as IdxSize
        }));
        if representatives.len() > most {
            return None;
        }
    }
    Some((group_of, representatives))
}

/// The ranks of groups that share none, ascending; there are `count` ranks in all.
fn union(groups: &[&[IdxSize]], count: usize) -> Vec<IdxSize> {
    let mut ranks = groups.concat();
    if groups.len() > 1 {
        // Few ranks are sorted; of many it is quicker to mark all there are.
        if ranks.len() < count / 32 {
            ranks.sort_unstable();
        } else {
            let mut marked = vec![false; count];
            ranks.iter().for_each(|rank| marked[*rank as usize] = true);
            ranks = (0..).zip(marked).filter(|(_, marked)| *marked).map(|(rank, _)| rank).collect();
        }
    }
    ranks
}

/// The ranks that are in both; both ascend.
fn intersection(few: &[IdxSize], many: &[IdxSize]) -> Vec<IdxSize> {
    let mut rest = many;
    let mut both = Vec::with_capacity(few.len());
    for rank in few {
        // Gallops: the next rank is mostly near where the last one was.
        let mut bound = 1;
        while rest.get(bound).is_some_and(|next| next < rank) {
            bound *= 2;
        }
        let at = rest[..rest.len().min(bound + 1)].partition_point(|next| next < rank);
        rest = &rest[at..];
        if rest.first() == Some(rank) {
            both.push(*rank);
        }
    }
    both
}
